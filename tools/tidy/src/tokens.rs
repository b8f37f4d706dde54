//! Walks the tokens of a source, into every group. Comments are no tokens; doc comments are left out.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Calls `seen` with each token outside doc comments.
pub fn walk(tokens: TokenStream, seen: &mut impl FnMut(&TokenTree)) {
    let mut after_hash = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            let is_doc = after_hash && group.delimiter() == Delimiter::Bracket && starts_with_doc(&group.stream());
            if !is_doc {
                walk(group.stream(), seen);
            }
        }
        // `#![doc]` has a `!` between.
        after_hash = match &token {
            TokenTree::Punct(punct) => punct.as_char() == '#' || (after_hash && punct.as_char() == '!'),
            _ => false,
        };
        seen(&token);
    }
}

fn starts_with_doc(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().next(), Some(TokenTree::Ident(ident)) if ident == "doc")
}

/// The paths of two or more parts in `tokens`, such as `crate::ids::TeamId`, and the single names that begin with a
/// capital letter: what a macro is given names items like this. Each with its line.
pub fn paths(tokens: TokenStream, found: &mut Vec<(Vec<String>, usize)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Group(group) => paths(group.stream(), found),
            TokenTree::Ident(first) => {
                let after_colons = at >= 2 && is_colon(at - 1) && is_colon(at - 2);
                let mut path = vec![first.to_string()];
                while is_colon(at + 1) && is_colon(at + 2) {
                    let Some(TokenTree::Ident(next)) = tokens.get(at + 3) else { break };
                    path.push(next.to_string());
                    at += 3;
                }
                let names_an_item = path.len() > 1 || path[0].starts_with(char::is_uppercase);
                if names_an_item && !after_colons {
                    found.push((path, first.span().start().line));
                }
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}
