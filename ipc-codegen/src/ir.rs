//! What the expansions work from: one form for a class of a schema and for a derived struct.
//!
//! Types are tokens here, because a derive knows no more of them. Everything else is plain data.

use ipc_schema::expr::Expr;
use ipc_schema::model::{Meaning, PlaceKind};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

/// A class that is to be expanded.
pub(crate) struct Class {
    /// Path of `ipc_core::__private`.
    pub private: TokenStream,
    pub vis: TokenStream,
    /// The Rust type's name.
    pub ident: Ident,
    pub name: String,
    pub namespace: String,
    pub comment: Option<String>,
    pub since: Option<String>,
    pub deprecated: Option<String>,
    pub members: Vec<Member>,
    /// Known from a schema; a derive leaves it to constants.
    pub layout: Option<KnownLayout>,
    /// Whether a nested class's `Ref`, `Mut` and `Dims` are named by suffix, or by projection.
    pub is_schema: bool,
}

/// What a schema's layout model says.
pub(crate) struct KnownLayout {
    pub size: u32,
    pub align: u32,
    pub presence: Option<(u32, u32)>,
    pub fingerprint: [u8; 16],
}

/// A member of a class.
pub(crate) struct Member {
    pub index: usize,
    pub ident: Ident,
    pub name: String,
    pub kind: Kind,
    /// Dimensions of an array, outermost first.
    pub dims: Vec<Dim>,
    /// Its bit, if it is optional.
    pub presence_bit: Option<u32>,
    pub meaning: Meaning,
    pub elem_meaning: Meaning,
    /// JSON text of the default, and the Rust expression of the owned value.
    pub default: Option<Default>,
    pub since: Option<String>,
    pub deprecated: Option<String>,
    /// Offset and size in the fixed part, if a schema says so.
    pub place: Option<(u32, u32)>,
    /// Stands in a size expression. Its `max`, or those of members inside it, by path.
    pub dimension: Option<Vec<DimensionMax>>,
}

/// A path into a dimension member, with the greatest value that it may have.
pub(crate) struct DimensionMax {
    pub(crate) path: Vec<String>,
    /// An `i128`, as a constant expression.
    pub(crate) max: TokenStream,
}

/// A default, twice.
pub(crate) struct Default {
    pub json: String,
    pub rust: TokenStream,
}

/// How a member stands in a frame.
pub(crate) enum Kind {
    /// In the fixed part: a value, or a constant array of them.
    Value(Value),
    /// A region of values.
    Slice(Value),
    /// A region of one variable thing.
    One(Element),
    /// A region of many.
    List(Element),
}

/// A type of constant size.
#[derive(Clone)]
pub(crate) struct Value {
    /// The type in mapped structs.
    pub ty: TokenStream,
    pub class: ValueClass,
}

/// What is known of a type of constant size.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueClass {
    Int,
    Float,
    Bool,
    Char,
    Enum,
    /// A plain class of a schema; whether it or anything inside it has bounds.
    Struct {
        has_bounds: bool,
    },
    /// A path in a derived struct: a plain class, or an enum.
    Path,
}

/// A type of variable size.
#[derive(Clone)]
pub(crate) enum Element {
    Text,
    Blob,
    Class(TokenStream),
}

/// One dimension.
pub(crate) enum Dim {
    Constant {
        value: TokenStream,
        /// Only if it was written as an expression.
        canonical: Option<String>,
    },
    Expr {
        expr: Expr,
        canonical: String,
    },
}

impl Class {
    pub(crate) fn is_variable(&self) -> bool {
        self.members.iter().any(|member| !matches!(member.kind, Kind::Value(_)))
    }

    /// `__CloudFixed`
    pub(crate) fn fixed_ident(&self) -> Ident {
        format_ident!("__{}Fixed", self.bare())
    }

    /// `CloudRef`, `CloudMut`, `CloudDims`
    pub(crate) fn suffixed(&self, suffix: &str) -> Ident {
        format_ident!("{}{suffix}", self.bare())
    }

    fn bare(&self) -> String {
        let text = self.ident.to_string();
        text.strip_prefix("r#").unwrap_or(&text).to_owned()
    }

    /// The `Site` of a member: what an error says of the place.
    pub(crate) fn site(&self, member: &Member) -> TokenStream {
        let (private, ident, index) = (&self.private, &self.ident, member.index);
        quote!(#private::Site::new(<#ident as #private::Class>::DESC, #index))
    }

    /// A name for a generated method or field beside those of the members: an underscore follows while a member has it.
    ///
    /// No two generated names become one by this, because members are unique after folding underscores.
    pub(crate) fn free_name(&self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while self.members.iter().any(|member| member.ident == name) {
            name.push('_');
        }
        format_ident!("{name}")
    }

    /// The field that hides an optional value.
    pub(crate) fn hidden(&self, member: &Member) -> Ident {
        self.free_name(&format!("__opt_{}", member.name))
    }

    /// The field of the presence bits.
    pub(crate) fn presence(&self) -> Ident {
        self.free_name("__presence")
    }

    pub(crate) fn presence_bytes(&self) -> usize {
        self.members.iter().filter(|member| member.presence_bit.is_some()).count().div_ceil(8)
    }
}

impl Member {
    pub(crate) fn is_optional(&self) -> bool {
        self.presence_bit.is_some()
    }

    /// The bit as an index.
    pub(crate) fn bit(&self) -> usize {
        self.presence_bit.unwrap_or(0) as usize
    }

    /// Local variables, and fields where no member has one: no member can shadow another name.
    pub(crate) fn local(&self) -> Ident {
        format_ident!("m_{}", self.name)
    }

    /// What it leaves in the fixed part, if anything.
    pub(crate) fn place_kind(&self) -> Option<PlaceKind> {
        match self.kind {
            Kind::Value(_) => Some(PlaceKind::Value),
            Kind::Slice(_) => None,
            Kind::One(_) | Kind::List(_) => Some(PlaceKind::Length),
        }
    }

    /// The type in a mapped struct: `[[Vec3; 3]; 2]`.
    pub(crate) fn value_type(&self, value: &Value) -> TokenStream {
        self.dims.iter().rev().fold(value.ty.clone(), |inner, dim| match dim {
            Dim::Constant { value, .. } => quote!([#inner; #value]),
            Dim::Expr { .. } => inner,
        })
    }

    pub(crate) fn is_array(&self) -> bool {
        !self.dims.is_empty()
    }

    /// Calls `visit` with the path of everything that its dimensions name.
    pub(crate) fn visit_operands<'m>(&'m self, visit: &mut dyn FnMut(&'m [String])) {
        for dim in &self.dims {
            if let Dim::Expr { expr, .. } = dim {
                expr.visit_members(visit);
            }
        }
    }

    /// The top-level members that its dimensions name, each once, in order.
    pub(crate) fn operands<'c>(&self, class: &'c Class) -> Vec<&'c Member> {
        let mut names: Vec<&str> = Vec::new();
        self.visit_operands(&mut |path| names.push(&path[0]));
        class.members.iter().filter(|member| names.contains(&member.name.as_str())).collect()
    }
}

impl Value {
    /// Handed out by value, not by reference.
    pub(crate) fn is_scalar(&self) -> bool {
        !matches!(self.class, ValueClass::Struct { .. } | ValueClass::Path)
    }
}

impl Element {
    /// The `Element` type that stands for it.
    pub(crate) fn marker(&self, private: &TokenStream) -> TokenStream {
        match self {
            Self::Text => quote!(#private::Text),
            Self::Blob => quote!(#private::Blob),
            Self::Class(path) => path.clone(),
        }
    }

    /// The owned type.
    pub(crate) fn owned(&self) -> TokenStream {
        match self {
            Self::Text => quote!(::std::string::String),
            Self::Blob => quote!(::std::vec::Vec<u8>),
            Self::Class(path) => path.clone(),
        }
    }

    /// What a view holds.
    pub(crate) fn raw(&self, class: &Class) -> TokenStream {
        match self {
            Self::Text | Self::Blob => quote!(&'a [u8]),
            Self::Class(path) => class.associated(path, "Ref", &quote!(<'a>)),
        }
    }

    /// What a writer holds.
    pub(crate) fn edit(&self, class: &Class) -> TokenStream {
        match self {
            Self::Text | Self::Blob => quote!(&'a mut [u8]),
            Self::Class(path) => class.associated(path, "Mut", &quote!(<'a>)),
        }
    }

    /// What fixes its size.
    pub(crate) fn dims(&self, class: &Class) -> TokenStream {
        match self {
            Self::Text | Self::Blob => quote!(u32),
            Self::Class(path) => class.associated(path, "Dims", &TokenStream::new()),
        }
    }
}

impl Class {
    /// `CloudRef<'a>` in a schema, where all classes stand together; `<Cloud as Class>::Ref<'a>` in a derive.
    fn associated(&self, path: &TokenStream, name: &str, generics: &TokenStream) -> TokenStream {
        if self.is_schema {
            let text = path.to_string();
            let ident = format_ident!("{}{name}", text.trim_start_matches("r#"));
            quote!(#ident #generics)
        } else {
            let (private, name) = (&self.private, format_ident!("{name}"));
            quote!(<#path as #private::Class>::#name #generics)
        }
    }
}

/// `Some(…)` or `None` for a constant.
pub(crate) fn option<T: ToTokens>(value: Option<T>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
