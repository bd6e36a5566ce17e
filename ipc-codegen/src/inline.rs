//! The tokens of an inline schema as JSON text, with the way back from a byte of the text to its token.

use std::ops::Range;

use ipc_schema::canonical::quoted;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// JSON text in which every token stands on its line and, where it can, in its column of the source file: so messages
/// that name places are right.
pub(crate) struct Text {
    pub json: String,
    /// The source file.
    pub file: String,
    tokens: Vec<(Range<usize>, Span)>,
    line: usize,
    column: usize,
}

impl Text {
    pub(crate) fn new(tokens: TokenStream) -> Self {
        let file = tokens.clone().into_iter().next().map(|token| token.span().file()).unwrap_or_default();
        let mut text = Self { json: String::new(), file, tokens: Vec::new(), line: 1, column: 0 };
        text.stream(tokens);
        text
    }

    /// The first and the last token within a range of the text, which is enough for the compiler to mark all between.
    pub(crate) fn tokens(&self, range: Range<usize>) -> TokenStream {
        let end = range.end.max(range.start + 1);
        let within = self.tokens.iter().filter(|(token, _)| token.start < end && range.start < token.end);
        let mut spans: Vec<Span> = within.map(|(_, span)| *span).collect();
        if spans.is_empty() {
            // The end of the text, or a gap: the token before it.
            let before = self.tokens.iter().rfind(|(token, _)| token.start <= range.start);
            spans.push(before.map_or_else(Span::call_site, |(_, span)| *span));
        }
        let marks = [spans[0], spans[spans.len() - 1]];
        marks.into_iter().map(|span| Ident::new("token", span).into_token_stream()).collect()
    }

    fn stream(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => {
                    let (open, close) = match group.delimiter() {
                        Delimiter::Brace => ("{", "}"),
                        Delimiter::Bracket => ("[", "]"),
                        Delimiter::Parenthesis => ("(", ")"),
                        Delimiter::None => ("", ""),
                    };
                    self.token(open, group.span_open());
                    self.stream(group.stream());
                    self.token(close, group.span_close());
                }
                TokenTree::Literal(literal) => {
                    let span = literal.span();
                    match syn::Lit::new(literal.clone()) {
                        syn::Lit::Str(string) => self.token(&quoted(&string.value()), span),
                        _ => self.token(&literal.to_string(), span),
                    }
                }
                other => self.token(&other.to_string(), other.span()),
            }
        }
    }

    fn token(&mut self, json: &str, span: Span) {
        let place = span.start();
        while self.line < place.line {
            self.push("\n");
        }
        // A minus belongs to the number behind it; other tokens need something between them.
        if self.json.ends_with(|last: char| last.is_alphanumeric() || last == '"') {
            self.push(" ");
        }
        while self.line == place.line && self.column < place.column && !self.json.ends_with('-') {
            self.push(" ");
        }
        let start = self.json.len();
        self.push(json);
        self.tokens.push((start..self.json.len(), span));
    }

    fn push(&mut self, text: &str) {
        self.json.push_str(text);
        if text == "\n" {
            self.line += 1;
            self.column = 0;
        } else {
            self.column += text.chars().count();
        }
    }
}
