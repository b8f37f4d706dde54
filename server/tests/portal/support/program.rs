//! What a program that ran has printed.

use std::process::Output;

pub fn text(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

#[track_caller]
pub fn accepted(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(output));
    text(output)
}
