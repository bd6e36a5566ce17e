//! `include_topology!`: the types of a topology's classes, and for each module a struct of its ends and its communicator.

use std::path::Path;

use ipc_schema::Topology;
use ipc_schema::topology::{Channel, Module, OnFull, Storage};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{communicator, lower_schema, names};

/// The types, and a module of that name for each module.
pub(crate) fn expand(topology: &Topology, krate: &TokenStream) -> TokenStream {
    let types = lower_schema::expand(&topology.schema, krate);
    let modules = topology.modules.iter().map(|module| ends(topology, module, krate));
    quote! {
        #types
        #(#modules)*
    }
}

/// One module of the application.
fn ends(topology: &Topology, module: &Module, krate: &TokenStream) -> TokenStream {
    let ident = names::item(&module.name);
    let kinds = [("Producer", &module.produces), ("Consumer", &module.consumes), ("Observer", &module.observes)];
    let ends =
        kinds.iter().flat_map(|(kind, channels)| channels.iter().map(move |channel| (*kind, &topology[*channel])));
    let (mut members, mut opened) = (Vec::new(), Vec::new());
    for (kind, channel) in ends {
        let (member, class) = (names::member(&channel.name), names::item(&topology.class_of(channel).name));
        let end = format_ident!("{kind}");
        let doc = channel.comment.clone().unwrap_or_else(|| format!("The channel `{}`.", channel.name));
        members.push(quote!(#[doc = #doc] pub #member: #krate::#end<super::#class>));
        let stated = stated(channel, &quote!(super::#class), krate);
        let open = match kind {
            "Producer" => quote!(channel.producer()?),
            "Observer" => quote!(channel.observer()?),
            _ if channel.reserved.contains(&module.name) => {
                let place = &module.name;
                quote!(channel.consumer(#place)?)
            }
            _ => quote!(channel.dynamic_consumer()?),
        };
        opened.push(quote! {
            #member: {
                let channel = #stated;
                channel.create()?;
                #open
            }
        });
    }
    let communicator = communicator::expand(topology, module, krate);
    let about = module.comment.clone().unwrap_or_else(|| format!("The module `{}`.", module.name));
    quote! {
        #[doc = #about]
        #[allow(deprecated)]
        pub mod #ident {
            /// All ends of this module.
            #[derive(::core::fmt::Debug)]
            pub struct Ends {
                #(#members),*
            }

            impl Ends {
                /// Opens all of them; makes the rings that are not there.
                ///
                /// # Errors
                ///
                /// Those of opening each, see `Channel::producer`, `Channel::consumer` and `Channel::observer`.
                pub fn open() -> ::core::result::Result<Self, #krate::Error> {
                    ::core::result::Result::Ok(Self { #(#opened),* })
                }
            }

            #communicator
        }
    }
}

/// The channel with all that its ends must agree on.
fn stated(channel: &Channel, class: &TokenStream, krate: &TokenStream) -> TokenStream {
    let name = match &channel.storage {
        Storage::Memory => channel.name.clone(),
        Storage::Disk(path) => absolute(path),
    };
    let isolated = channel.isolated.then(|| quote!(.isolated()));
    let (capacity, slots, reserved) = (channel.capacity_bytes, channel.dynamic_slots, &channel.reserved);
    let on_full = match channel.on_full {
        OnFull::Wait => quote!(Wait),
        OnFull::Drop => quote!(Drop),
    };
    quote! {
        #krate::Channel::<'_, #class>::new(#name)
            .capacity(#capacity)
            .reserve(&[#(#reserved),*])
            .dynamic_slots(#slots)
            .on_full(#krate::OnFull::#on_full)
            .publish_time(#krate::PublishTime::On)
            #isolated
    }
}

/// So that it is the same wherever the program runs.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}
