//! Which spellings find which texts. Phrases are matched here as the index matches them.

use std::net::IpAddr;

use rstest::rstest;

use super::{address, addresses, has_word, is_network, of_document, of_search};

fn finds(typed: &str, text: &str) -> bool {
    let (tokens, phrase) = (of_document(text), of_search(typed, false).expect(typed));
    tokens.windows(phrase.tokens.len()).any(|window| {
        let (last, before) = window.split_last().expect("a token");
        let (last_typed, before_typed) = phrase.tokens.split_last().expect("a token");
        before == before_typed && (last == last_typed || (phrase.beginning && last.starts_with(last_typed)))
    })
}

#[rstest]
#[case::japanese("支店", "東京支店の接続を削除しました")]
#[case::japanese_too("接続", "東京支店の接続を削除しました")]
#[case::one_letter("店", "東京支店の接続を削除しました")]
#[case::the_last_letter("た", "東京支店の接続を削除しました")]
#[case::all_of_it("東京支店の接続を削除しました", "東京支店の接続を削除しました")]
#[case::across_scripts("の接続", "東京支店の接続を削除しました")]
#[case::half_width("ｻﾎﾟｰﾄ", "サポート窓口")]
#[case::beside_latin("acme東京", "Acme東京支店")]
#[case::before_latin("支店crm", "東京支店CRM")]
#[case::behind_latin("crm支", "CRM支店")]
#[case::korean("민국", "대한민국 고객")]
#[case::korean_with_an_ending("고객", "고객을 삭제했습니다")]
#[case::korean_in_jamo("\u{1106}\u{1175}\u{11ab}\u{1100}\u{116e}\u{11a8}", "대한민국")]
#[case::chinese("客户", "删除客户连接")]
#[case::thai("ภาษา", "ลบการเชื่อมต่อภาษาไทย")]
#[case::thai_with_am("ทำงาน", "ไม่ทำงานแล้ว")]
#[case::lao("ພາສາ", "ນີ້ແມ່ນພາສາລາວ")]
#[case::khmer("ខ្មែរ", "នេះជាភាសាខ្មែរ")]
#[case::burmese("ဘာသာ", "မြန်မာဘာသာ")]
#[case::hindi("ग्राहक", "नया ग्राहक है")]
#[case::sharp_s("strasse", "Straße")]
#[case::sharp_s_in_reverse("straße", "STRASSE 5")]
#[case::capital_sharp_s("strasse", "STRAẞE")]
#[case::accents("muller", "Müller")]
#[case::accents_that_are_typed("müller", "Muller")]
#[case::decomposed("café", "Cafe\u{301}")]
#[case::ligature("final", "\u{fb01}nal")]
#[case::full_width("abc12", "ＡＢＣ１２")]
#[case::turkish("istanbul", "İSTANBUL")]
#[case::turkish_dotless("ısparta", "Isparta")]
#[case::danish("aero", "Ærø")]
#[case::norwegian("smorbrod", "Smørbrød")]
#[case::polish("lodz", "Łódź")]
#[case::icelandic("thordur", "Þórður")]
#[case::greek("οδος", "ΟΔΌΣ")]
#[case::russian_yo("елка", "Ёлка")]
#[case::arabic("محمد", "مُحَمَّد")]
#[case::persian("میخواهم", "می\u{200c}خواهم")]
#[case::with_what_nobody_sees("admin", "ad\u{200b}m\u{ad}in")]
#[case::beginning("refun", "Refunds")]
#[case::an_address("ops+eu@example.com", "by ops+eu@example.com")]
#[case::an_external_id("gid://a/1", "gid://a/1")]
fn a_spelling_finds_a_text(#[case] typed: &str, #[case] text: &str) {
    assert!(finds(typed, text), "{:?} in {:?}", of_search(typed, false), of_document(text));
}

#[rstest]
#[case::letters_in_another_order("店支", "東京支店の接続")]
#[case::letters_apart("東接", "東京支店の接続")]
#[case::short_words_are_whole("re", "Refunds")]
#[case::another_letter("мои", "мой")]
#[case::singles_are_no_phrase("支 店", "店 支")]
fn another_text_is_not_found(#[case] typed: &str, #[case] text: &str) {
    assert!(!finds(typed, text), "{:?} in {:?}", of_search(typed, false), of_document(text));
}

#[test]
fn no_token_of_a_text_has_a_character_of_the_indexs_own() {
    let text = "\u{e000}1 outcome:succeeded _1 _支 connector:3066 \u{e001}connector 3066 x_1 \u{f0000}a 店";
    let own = |token: &&String| {
        token.contains([':', '.', '%'])
            || token.chars().any(|letter| u32::from(letter) >= 0xe000 && u32::from(letter) < 0xf900)
    };
    let tokens = of_document(text);
    assert_eq!(tokens.iter().filter(own).count(), 0, "{tokens:?}");
    // Only single letters of unspaced scripts, which the function itself adds, begin with the mark.
    let marked: Vec<_> = tokens.iter().filter(|token| token.starts_with('_')).collect();
    assert_eq!(marked, ["_店", "_支"]);
    assert!(of_search("_1 _a", false).is_some_and(|phrase| phrase.tokens == ["1", "a"]));
}

#[test]
fn what_has_no_letter_and_no_digit_has_no_word() {
    for text in ["", "–", "...", "\u{e000}", "\u{200b}", "\u{3164}", "\u{301}", "🚚", "_", ":"] {
        assert!(!has_word(text) && of_search(text, false).is_none(), "{text:?}");
    }
    assert!(has_word("x") && has_word("店") && has_word("7"));
}

#[test]
fn addresses_are_found_in_texts_in_every_spelling() {
    let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
    let found = |text: &str| addresses(text).into_iter().collect::<Vec<_>>();
    assert_eq!(found("from 203.0.113.7."), [ip("203.0.113.7")]);
    assert_eq!(found("(203.0.113.7:50123), 198.51.100.1"), [ip("198.51.100.1"), ip("203.0.113.7")]);
    assert_eq!(found("[2001:DB8:0::7]:443"), [ip("2001:db8::7")]);
    assert_eq!(found("::ffff:203.0.113.7"), [ip("203.0.113.7")]);
    assert_eq!(found("fe80::1%eth0 is local"), [ip("fe80::1")]);
    assert!(found("version 1.2.3, at 14:30:12, 1.2.3.4.5, a::b::c").is_empty());
    assert_eq!(address("dead:beef::1"), Some(ip("dead:beef::1")));
    assert!(is_network("203.0.113.0/24") && is_network("2001:db8::/32"));
    assert!(!is_network("203.0.113.7") && !is_network("a/24") && !is_network("203.0.113.0/x"));
}
