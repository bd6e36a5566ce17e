//! The communicator of each module of a topology: its main loop is a `for` over an enum with one variant a channel.

use ipc_schema::Topology;
use ipc_schema::model::{self, Scalar, Type};
use ipc_schema::topology::{ChannelId, Module};
use proc_macro2::TokenStream;
use quote::quote;

use crate::names;

/// Stands inside of the module's own `mod`, whose `super` has the classes.
pub(crate) fn expand(topology: &Topology, module: &Module, krate: &TokenStream) -> TokenStream {
    let compiled = compiled(topology, module, krate);
    let private = quote!(#krate::__private::module);
    let (mut fields, mut made, mut types) = (Vec::new(), Vec::new(), Vec::new());
    // A module that reads nothing has the controller to hear all the same.
    let heard = if module.consumes.is_empty() && module.observes.is_empty() {
        fields.push(quote!(control: #krate::raw::Inputs));
        made.push(quote!(control: raw.inputs));
        quote!(control)
    } else {
        types.push(input(topology, module, krate));
        fields.push(quote! {
            /// What it reads: `for input in &communicator.inputs` is its main loop.
            pub inputs: #krate::Inputs<Channel>
        });
        made.push(quote!(inputs: #private::inputs(raw.inputs)));
        quote!(inputs)
    };
    if !module.produces.is_empty() {
        types.push(outputs(topology, module, krate));
        fields.push(quote! {
            /// What it writes.
            pub outputs: Outputs
        });
        made.push(quote!(outputs: Outputs::of(&mut raw.outputs)));
    }
    quote! {
        #(#types)*

        /// All ends of this module, opened together, and the line to its controller.
        #[derive(::core::fmt::Debug)]
        pub struct Communicator {
            #(#fields),*
        }

        impl Communicator {
            #compiled

            /// Opens the ends as the controller (`ipc run`) says that has started this process, and tells it that all is ready.
            ///
            /// # Errors
            ///
            /// Those of `ipc_core::raw::Communicator::from_env`, and `Error::Application` if the file that the controller has
            /// read has other channels than this program was built for.
            pub fn from_env() -> ::core::result::Result<Self, #krate::Error> {
                #krate::raw::Communicator::compiled_from_env(&Self::COMPILED).map(Self::of)
            }

            /// Opens the ends as a topology's file says, without a controller.
            ///
            /// # Errors
            ///
            /// As for `from_env`.
            pub fn from_file(path: impl ::core::convert::AsRef<::std::path::Path>) -> ::core::result::Result<Self, #krate::Error> {
                #krate::raw::Communicator::compiled_from_file(path, &Self::COMPILED).map(Self::of)
            }

            #[allow(unused_mut)]
            fn of(mut raw: #krate::raw::Communicator) -> Self {
                Self { #(#made),* }
            }

            /// Whether the main loop goes on, for a module that has no frame to wait for: false once the controller has told it
            /// to quit. While the controller has stopped the module, this waits.
            ///
            /// # Errors
            ///
            /// Those of `ipc_core::raw::Inputs::go_on`.
            pub fn go_on(&self) -> ::core::result::Result<bool, #krate::Error> {
                self.#heard.go_on()
            }
        }
    }
}

/// What the ends are compared with that the module has when it runs.
fn compiled(topology: &Topology, module: &Module, krate: &TokenStream) -> TokenStream {
    let name = &module.name;
    let list = |channels: &[ChannelId]| {
        let ends = channels.iter().map(|id| {
            let channel = &topology[*id];
            let (name, class) = (&channel.name, names::item(&topology.class_of(channel).name));
            quote!((#name, <super::#class as #krate::Class>::DESC))
        });
        quote!(&[#(#ends),*])
    };
    let [produces, consumes, observes] = [&module.produces, &module.consumes, &module.observes].map(|ids| list(ids));
    quote! {
        const COMPILED: #krate::__private::module::Compiled = #krate::__private::module::Compiled {
            module: #name,
            produces: #produces,
            consumes: #consumes,
            observes: #observes,
        };
    }
}

/// The enums of what a module reads.
fn input(topology: &Topology, module: &Module, krate: &TokenStream) -> TokenStream {
    let consumes = module.consumes.iter().map(|id| (id, quote!(Frame), quote!(consumed)));
    let observes = module.observes.iter().map(|id| (id, quote!(Sighting), quote!(observed)));
    let (mut variants, mut names, mut frames, mut takes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (index, (id, frame, take)) in consumes.chain(observes).enumerate() {
        let channel = &topology[*id];
        let (variant, name) = (names::variant(&channel.name, &["Closed"]), &channel.name);
        let class = names::item(&topology.class_of(channel).name);
        let doc = channel.comment.clone().unwrap_or_else(|| format!("The channel `{name}`."));
        let of = format!("A frame of the channel `{name}`.");
        variants.push(quote!(#[doc = #doc] #variant));
        names.push(quote!(Self::#variant => #name));
        frames.push(quote!(#[doc = #of] #variant(#krate::#frame<'c, super::#class>)));
        takes.push(quote!(Self::#variant => Input::#variant(#krate::__private::module::#take(inputs, #index)?)));
    }
    let idents = module.consumes.iter().chain(&module.observes);
    let idents = idents.map(|id| names::variant(&topology[*id].name, &["Closed"]));
    let (members, member, name_of_member) = members(topology, module);
    quote! {
        /// The channels that this module reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Channel {
            #(#variants),*
        }

        /// What comes to this module.
        #[allow(clippy::large_enum_variant)]
        #[derive(::core::fmt::Debug)]
        pub enum Input<'c> {
            #(#frames,)*
            /// The stream of this channel is over.
            Closed(Channel),
        }

        #members

        impl #krate::InputChannel for Channel {
            type Input<'c> = Input<'c>;
            type Member = #member;

            const ALL: &'static [Self] = &[#(Self::#idents),*];

            fn name(self) -> &'static str {
                match self { #(#names),* }
            }

            fn member(member: #member) -> &'static str {
                #name_of_member
            }

            fn take(self, inputs: &#krate::raw::Inputs) -> ::core::result::Result<Input<'_>, #krate::Error> {
                ::core::result::Result::Ok(match self { #(#takes),* })
            }

            fn closed<'c>(self) -> Input<'c> {
                Input::Closed(self)
            }
        }
    }
}

/// The members by which the frames of all channels can be merged: an enum if there are any, its name, and the name of one.
fn members(topology: &Topology, module: &Module) -> (TokenStream, TokenStream, TokenStream) {
    let mut classes = module.consumes.iter().chain(&module.observes).map(|id| topology.class_of(&topology[*id]));
    let first = classes.next().into_iter().flat_map(|class| &class.members).filter_map(stamp);
    let first: Vec<_> = first.collect();
    let others: Vec<Vec<_>> = classes.map(|class| class.members.iter().filter_map(stamp).collect()).collect();
    let common = first.iter().filter(|stamp| others.iter().all(|other| other.contains(stamp)));
    let common: Vec<_> = common.map(|(name, ..)| (names::variant(name, &[]), *name)).collect();
    if common.is_empty() {
        return (quote!(), quote!(::core::convert::Infallible), quote!(match member {}));
    }
    let variants = common.iter().map(|(variant, name)| {
        let doc = format!("The member `{name}`.");
        quote!(#[doc = #doc] #variant)
    });
    let names = common.iter().map(|(variant, name)| quote!(Member::#variant => #name));
    let members = quote! {
        /// The members by which the frames of all channels that this module reads can be merged: numbers that every frame has,
        /// of one unit.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Member {
            #(#variants),*
        }
    };
    (members, quote!(Member), quote!(match member { #(#names),* }))
}

/// A number that every frame has: its name, unit, and whether it is a float.
fn stamp(member: &model::Member) -> Option<(&str, Option<&str>, bool)> {
    let is_single = member.dims.is_empty() && member.presence_bit.is_none();
    match member.ty {
        Type::Scalar(scalar) if is_single && !matches!(scalar, Scalar::Bool | Scalar::Char) => {
            let is_float = matches!(scalar, Scalar::Float32 | Scalar::Float64);
            Some((&member.name, member.meaning.unit.as_deref(), is_float))
        }
        _ => None,
    }
}

/// What a module writes.
fn outputs(topology: &Topology, module: &Module, krate: &TokenStream) -> TokenStream {
    let (mut members, mut made) = (Vec::new(), Vec::new());
    for (index, id) in module.produces.iter().enumerate() {
        let channel = &topology[*id];
        let (member, class) = (names::member(&channel.name), names::item(&topology.class_of(channel).name));
        let doc = channel.comment.clone().unwrap_or_else(|| format!("The channel `{}`.", channel.name));
        members.push(quote!(#[doc = #doc] pub #member: #krate::Producer<super::#class>));
        made.push(quote!(#member: #krate::__private::module::producer(outputs, #index)));
    }
    quote! {
        /// What this module writes.
        #[derive(::core::fmt::Debug)]
        pub struct Outputs {
            #(#members),*
        }

        impl Outputs {
            fn of(outputs: &mut #krate::raw::Outputs) -> Self {
                Self { #(#made),* }
            }
        }
    }
}
