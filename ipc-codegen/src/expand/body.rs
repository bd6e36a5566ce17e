//! `impl Class` of a variable class: the walks over a frame.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::{bounds, desc, dims, edit, fixed, size, tidy, view};
use crate::ir::{Class, Kind, Member, ValueClass};

/// The implementation.
pub(super) fn body(class: &Class) -> TokenStream {
    let (private, ident) = (&class.private, &class.ident);
    let (view_ident, edit_ident, dims_ident) = (class.suffixed("Ref"), class.suffixed("Mut"), class.suffixed("Dims"));
    let desc = desc::class(class);
    let (view, edit, shorten) = (view::walk(class), edit::walk(class), view::shorten(class));
    let (dims, build, fill, load) = (own_dims(class), build(class), fill(class), load(class));
    let tidy = tidy::variable(class, &|member| match &member.kind {
        Kind::Value(_) if member.is_optional() => edit::private_field(class, member),
        _ => member.ident.clone(),
    });
    let validate = bounds::checks(class, &|member| {
        let name = &member.ident;
        match &member.kind {
            Kind::One(_) => {
                let local = member.local();
                quote!(view.#local)
            }
            Kind::Value(value) if member.dimension.is_some() && !value.is_scalar() => {
                let local = member.local();
                quote!(&view.#local)
            }
            _ => quote!(view.#name()),
        }
    });
    let checked = bounds::checked(class);
    let validate = (!validate.is_empty()).then(|| {
        quote! {
            #checked
            fn validate(view: #view_ident<'_>) -> ::core::result::Result<(), #private::Error> {
                #validate
                ::core::result::Result::Ok(())
            }
        }
    });
    quote! {
        impl #private::Class for #ident {
            const DESC: &'static #private::ClassDesc = &#desc;
            type Ref<'a> = #view_ident<'a>;
            type Mut<'a> = #edit_ident<'a>;
            type Dims = #dims_ident;

            #[inline]
            fn shorten<'short, 'long: 'short>(view: #view_ident<'long>) -> #view_ident<'short> {
                #shorten
            }

            #[inline]
            fn view(frame: &[u8]) -> ::core::result::Result<#view_ident<'_>, #private::Error> { #view }

            #[inline]
            fn edit(frame: &mut [u8]) -> ::core::result::Result<#edit_ident<'_>, #private::Error> { #edit }

            #[inline]
            fn dims(&self) -> ::core::result::Result<#dims_ident, #private::Error> { #dims }

            #[inline]
            fn build<P: #private::Purpose>(
                dims: &#dims_ident,
                builder: &mut #private::Builder<P>,
            ) -> ::core::result::Result<(), #private::Error> { #build }

            #[inline]
            fn fill(&self, mut frame: #edit_ident<'_>) -> ::core::result::Result<(), #private::Error> {
                #fill
                ::core::result::Result::Ok(())
            }

            #tidy

            fn load(view: #view_ident<'_>) -> ::core::result::Result<Self, #private::Error> { #load }

            #validate
        }
    }
}

/// Dimensions of a value; its arrays must agree with them.
fn own_dims(class: &Class) -> TokenStream {
    let private = &class.private;
    let place = |member: &Member| {
        let name = &member.ident;
        quote!(self.#name)
    };
    let counts = class.members.iter().filter_map(|member| {
        if !matches!(member.kind, Kind::Slice(_) | Kind::List(_)) {
            return None;
        }
        let (site, name) = (class.site(member), &member.ident);
        let count = size::count(class, member, &place);
        let values = size::values(member);
        Some(if member.is_optional() {
            quote! {
                if let ::core::option::Option::Some(it) = &self.#name {
                    #site.check_count(#count, it.len(), &[#(#values),*])?;
                }
            }
        } else {
            quote!(#site.check_count(#count, self.#name.len(), &[#(#values),*])?;)
        })
    });
    let fields = class.members.iter().filter_map(|member| {
        dims::dims_type(class, member)?;
        let (name, site) = (&member.ident, class.site(member));
        let value = match &member.kind {
            Kind::Value(_) => quote!(self.#name),
            Kind::Slice(_) => quote!(self.#name.is_some()),
            Kind::One(element) | Kind::List(element) => {
                let marker = element.marker(private);
                let of = match &member.kind {
                    Kind::One(_) => quote!(<#marker as #private::Element>::dims),
                    _ => quote!(#private::list_dims::<#marker>),
                };
                if member.is_optional() {
                    quote!(self.#name.as_ref().map(|it| #of(it, #site)).transpose()?)
                } else {
                    quote!(#of(&self.#name, #site)?)
                }
            }
        };
        Some(quote!(#name: #value))
    });
    let ident = class.suffixed("Dims");
    let locals = class.members.iter().filter(|member| member.dimension.is_some()).map(|member| {
        let (local, name) = (member.local(), &member.ident);
        quote!(let #local = &self.#name;)
    });
    quote! {
        #(#locals)*
        #(#counts)*
        ::core::result::Result::Ok(#ident { #(#fields),* })
    }
}

/// Lays a body out.
fn build(class: &Class) -> TokenStream {
    let (private, fixed_ident) = (&class.private, class.fixed_ident());
    let place = |member: &Member| {
        let name = &member.ident;
        quote!(dims.#name)
    };
    let regions = class.members.iter().map(|member| {
        let (name, local, index) = (&member.ident, member.local(), member.index);
        match &member.kind {
            Kind::Value(_) => TokenStream::new(),
            Kind::Slice(value) => {
                let (ty, count) = (&value.ty, size::count(class, member, &place));
                let array = quote!(body.array::<#ty>(#index, #count)?;);
                if member.is_optional() {
                    quote!(if dims.#name { #array } else { body.absent(#index)?; })
                } else {
                    array
                }
            }
            Kind::One(element) => {
                let (marker, max) = (element.marker(private), bounds::max_bytes(member));
                let dims = if member.is_optional() {
                    quote!(dims.#name.as_ref())
                } else {
                    quote!(::core::option::Option::Some(&dims.#name))
                };
                quote!(let #local = body.one::<#marker>(#index, #dims, #max)?;)
            }
            Kind::List(element) => {
                let (marker, max) = (element.marker(private), bounds::max_bytes(member));
                let count = size::count(class, member, &place);
                if member.is_optional() {
                    quote! {
                        let #local = match &dims.#name {
                            ::core::option::Option::Some(it) => body.list::<#marker>(#index, #count, it, #max)?,
                            ::core::option::Option::None => { body.absent(#index)?; 0 }
                        };
                    }
                } else {
                    quote!(let #local = body.list::<#marker>(#index, #count, &dims.#name, #max)?;)
                }
            }
        }
    });
    let bits = class.members.iter().filter(|member| member.is_optional()).filter_map(|member| {
        let (name, bit) = (&member.ident, member.bit());
        match &member.kind {
            Kind::Value(_) => None,
            Kind::Slice(_) => Some(quote!((#bit, dims.#name))),
            Kind::One(_) | Kind::List(_) => Some(quote!((#bit, dims.#name.is_some()))),
        }
    });
    let fields = fixed::fields(class, false);
    let values = fields.iter().filter_map(|field| {
        let name = &field.ident;
        match field.kind {
            fixed::FieldKind::Member(member) => match member.kind {
                Kind::Value(_) if member.dimension.is_some() => {
                    let tidy = tidy::tidy_value(private, member, &quote!(&mut fixed.#name));
                    Some(quote!(fixed.#name = dims.#name; #tidy))
                }
                Kind::Value(_) => None,
                _ => {
                    let local = member.local();
                    Some(quote!(fixed.#name = #local;))
                }
            },
            fixed::FieldKind::Presence => {
                let bits = bits.clone();
                Some(quote!(fixed.#name = #private::presence(&[#(#bits),*]);))
            }
            fixed::FieldKind::Padding => None,
        }
    });
    quote! {
        let mut body = #private::Body::new(builder, <Self as #private::Class>::DESC);
        body.open::<#fixed_ident>()?;
        #(#regions)*
        body.close(|fixed: &mut #fixed_ident| { #(#values)* })
    }
}

/// Copies an owned value's content into a frame of its dimensions.
fn fill(class: &Class) -> TokenStream {
    let private = &class.private;
    // Setters need the whole writer, so they come before its parts are moved out.
    let (setters, others): (Vec<_>, Vec<_>) =
        class.members.iter().partition(|member| member.is_optional() && matches!(member.kind, Kind::Value(_)));
    let fills = setters.into_iter().chain(others).map(|member| {
        let (name, site) = (&member.ident, class.site(member));
        match &member.kind {
            Kind::Value(_) if member.dimension.is_some() => TokenStream::new(),
            Kind::Value(_) if member.is_optional() => {
                let setter = class.free_name(&format!("set_{}", member.name));
                quote!(frame.#setter(self.#name);)
            }
            Kind::Value(value) => {
                if value.class == ValueClass::Bool && !member.is_array() {
                    quote!(*frame.#name = #private::Bool::new(self.#name);)
                } else if member.is_array() || !value.is_scalar() {
                    quote!(#private::assign(frame.#name, &self.#name);)
                } else {
                    quote!(*frame.#name = self.#name;)
                }
            }
            kind => {
                let fill = match kind {
                    Kind::One(element) => {
                        let marker = element.marker(private);
                        quote!(<#marker as #private::Element>::fill(it, place, #site)?;)
                    }
                    Kind::List(_) => quote!(place.fill(it)?;),
                    _ => quote!(#site.copy(it, place)?;),
                };
                let binding = if matches!(kind, Kind::List(_)) { quote!(mut place) } else { quote!(place) };
                if member.is_optional() {
                    quote! {
                        if let (::core::option::Option::Some(it), ::core::option::Option::Some(#binding)) =
                            (&self.#name, frame.#name)
                        { #fill }
                    }
                } else {
                    quote!({ let (it, #binding) = (&self.#name, frame.#name); #fill })
                }
            }
        }
    });
    quote!(#(#fills)*)
}

/// Copies a frame's content into an owned value.
fn load(class: &Class) -> TokenStream {
    let private = &class.private;
    let loads = class.members.iter().map(|member| {
        let (name, local, site) = (&member.ident, member.local(), class.site(member));
        let optional = member.is_optional();
        let value = match &member.kind {
            Kind::Value(value) if member.is_array() || !value.is_scalar() => match (optional, &member.dimension) {
                (true, _) => quote!(view.#name().copied()),
                (false, None) => quote!(*view.#name()),
                (false, Some(_)) => quote!(view.#name()),
            },
            Kind::Value(_) => quote!(view.#name()),
            Kind::Slice(_) if optional => quote!(view.#local.map(|it| it.to_vec())),
            Kind::Slice(_) => quote!(view.#local.to_vec()),
            Kind::One(element) => {
                let marker = element.marker(private);
                if optional {
                    quote!(view.#local.map(|it| <#marker as #private::Element>::load(it, #site)).transpose()?)
                } else {
                    quote!(<#marker as #private::Element>::load(view.#local, #site)?)
                }
            }
            Kind::List(_) if optional => quote!(view.#local.map(|it| it.load()).transpose()?),
            Kind::List(_) => quote!(view.#local.load()?),
        };
        quote!(#name: #value)
    });
    quote!(::core::result::Result::Ok(Self { #(#loads),* }))
}
