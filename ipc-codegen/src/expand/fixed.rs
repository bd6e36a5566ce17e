//! Mapped structs: members in order, with padding as members of its own, so that every byte is named.

use std::collections::BTreeMap;

use ipc_schema::model::PlaceKind;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::expand::docs;
use crate::ir::{Class, Kind, Member, Value, ValueClass};

/// A field of a mapped struct.
pub(super) struct Field<'c> {
    pub ident: Ident,
    pub ty: TokenStream,
    pub kind: FieldKind<'c>,
}

/// What a field of a mapped struct is.
pub(super) enum FieldKind<'c> {
    Member(&'c Member),
    Presence,
    Padding,
}

/// The fields of the fixed part in order. Padding is known from a schema; in a derive it is an array whose length is a
/// constant, zero perhaps.
pub(super) fn fields<'c>(class: &'c Class, hide_optional: bool) -> Vec<Field<'c>> {
    let mut fields = Padded { fields: Vec::new(), end: 0, pad_count: 0, class };
    for member in &class.members {
        let ty = match (member.place_kind(), &member.kind) {
            (Some(PlaceKind::Value), Kind::Value(value)) if value.class == ValueClass::Path => {
                let (private, ty) = (&class.private, &value.ty);
                let ty = quote!(<#ty as #private::Mapped>::Type);
                member.value_type(&Value { ty, class: value.class })
            }
            (Some(PlaceKind::Value), Kind::Value(value)) => member.value_type(value),
            (Some(_), _) => quote!(u32),
            (None, _) => continue,
        };
        let ident = if hide_optional && member.is_optional() { class.hidden(member) } else { member.ident.clone() };
        fields.push(Field { ident, ty, kind: FieldKind::Member(member) }, member.place);
    }
    if class.presence_bytes() > 0 {
        let count = class.presence_bytes();
        let place = class.layout.as_ref().and_then(|layout| layout.presence);
        let ident = class.presence();
        fields.push(Field { ident, ty: quote!([u8; #count]), kind: FieldKind::Presence }, place);
    }
    if let Some(layout) = &class.layout {
        fields.pad_to(layout.size);
    }
    fields.fields
}

/// Fields, with what lies between them.
struct Padded<'c> {
    fields: Vec<Field<'c>>,
    end: u32,
    pad_count: usize,
    class: &'c Class,
}

impl<'c> Padded<'c> {
    fn push(&mut self, field: Field<'c>, place: Option<(u32, u32)>) {
        match place {
            Some((offset, size)) => {
                self.pad_to(offset);
                self.fields.push(field);
                self.end = offset + size;
            }
            None => {
                self.fields.push(field);
                let (pads, index) = (pads_ident(self.class), self.pad_count);
                self.pad(quote!(#pads[#index]));
            }
        }
    }

    fn pad_to(&mut self, offset: u32) {
        if offset > self.end {
            let gap = (offset - self.end) as usize;
            self.pad(quote!(#gap));
        }
    }

    fn pad(&mut self, size: TokenStream) {
        let ident = self.class.free_name(&format!("__pad{}", self.pad_count));
        self.fields.push(Field { ident, ty: quote!([u8; #size]), kind: FieldKind::Padding });
        self.pad_count += 1;
    }
}

/// Declarations of fields; those that are not for users are hidden from the docs.
pub(super) fn declarations(fields: &[Field]) -> TokenStream {
    let declarations = fields.iter().map(|Field { ident, ty, kind }| {
        let docs = match kind {
            FieldKind::Member(member) if !member.is_optional() => docs::member(member),
            _ => quote!(#[doc(hidden)]),
        };
        quote!(#docs pub #ident: #ty)
    });
    quote!(#(#declarations),*)
}

/// The fixed part of a variable class, which only generated code sees.
pub(super) fn hidden(class: &Class) -> TokenStream {
    let private = &class.private;
    let ident = class.fixed_ident();
    let fields = fields(class, false);
    let pads = class.layout.is_none().then(|| {
        let pads = pads_ident(class);
        let types = fields.iter().filter(|field| !matches!(field.kind, FieldKind::Padding)).map(|field| &field.ty);
        let types: Vec<_> = types.collect();
        let count = types.len();
        quote! {
            #[doc(hidden)]
            #[allow(non_upper_case_globals)]
            const #pads: [usize; #count] =
                #private::pads([#((::core::mem::size_of::<#types>(), ::core::mem::align_of::<#types>())),*]);
        }
    });
    let declarations = fields.iter().map(|Field { ident, ty, .. }| quote!(pub #ident: #ty));
    let pod = pod(&class.private, &ident, fields.iter().map(|field| &field.ty));
    let (copy, layout) = (copy(&ident), layout(class, &ident, &fields));
    quote! {
        #pads
        #[doc(hidden)]
        #[repr(C)]
        pub struct #ident { #(#declarations),* }
        #copy
        #pod
        #layout
    }
}

/// `Pod` for a struct that is `repr(C)` or transparent. bytemuck's derive asserts the same, at ten times the cost. Each
/// type is named once, with the number of members that have it.
pub(crate) fn pod<'t>(
    private: &TokenStream,
    ident: &Ident,
    types: impl Iterator<Item = &'t TokenStream>,
) -> TokenStream {
    let mut counts: BTreeMap<String, (&TokenStream, usize)> = BTreeMap::new();
    for ty in types {
        counts.entry(ty.to_string()).or_insert((ty, 0)).1 += 1;
    }
    let (types, counts): (Vec<_>, Vec<_>) = counts.into_values().unzip();
    quote! {
        const _: () = #private::check_pod::<#ident>(0 #(+ #counts * #private::pod_size::<#types>())*);
        // SAFETY: every member is Pod, since `pod_size` asks for it, and no byte lies between them, says `check_pod`.
        unsafe impl #private::Zeroable for #ident {}
        // SAFETY: as above.
        unsafe impl #private::Pod for #ident {}
    }
}

/// What `derive(Clone, Copy)` says, without its assertion for each member.
pub(super) fn copy(ident: &Ident) -> TokenStream {
    quote! {
        impl ::core::marker::Copy for #ident {}
        impl ::core::clone::Clone for #ident {
            fn clone(&self) -> Self { *self }
        }
    }
}

/// zerocopy's derives, for a type in a schema's module.
pub(crate) fn zerocopy_derives() -> Option<TokenStream> {
    cfg!(feature = "zerocopy-derives").then(|| {
        quote! {
            #[derive(__zerocopy::FromBytes, __zerocopy::IntoBytes, __zerocopy::Immutable, __zerocopy::KnownLayout)]
            #[zerocopy(crate = "self::__zerocopy")]
        }
    })
}

/// Asserts that rustc lays the struct out as the layout model does.
pub(super) fn layout(class: &Class, ident: &Ident, fields: &[Field]) -> TokenStream {
    let private = &class.private;
    let name = &class.ident;
    if let Some(layout) = &class.layout {
        // No byte lies between members (`pod`), so each stands where the sizes of those before it end; and those are the
        // model's, for scalars by the language, for other types by this assertion of theirs.
        let (size, align) = (layout.size as usize, layout.align as usize);
        return quote!(const _: () = #private::check_layout::<#ident>(#size, #align););
    }
    let offsets = fields.iter().filter_map(|field| {
        let FieldKind::Member(member) = field.kind else { return None };
        let field = &field.ident;
        let index = member.index;
        let expected = quote!(#private::offset(<#name as #private::Class>::DESC, #index));
        Some(quote!(::core::mem::offset_of!(#ident, #field) == #expected))
    });
    let size = quote!(::core::mem::size_of::<#ident>() == <#name as #private::Class>::DESC.size as usize);
    quote!(
        const _: () = ::core::assert!(#size #(&& #offsets)*);
    )
}

fn pads_ident(class: &Class) -> Ident {
    format_ident!("__{}", class.suffixed("Pads"))
}
