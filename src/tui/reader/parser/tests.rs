//! Bytes in, what was said out, cut in every way.

use super::*;
use crate::tui::reader::reply::Rgb;

/// What is said to these reads, and then to a long silence.
fn said(reads: &[&[u8]]) -> Vec<Said> {
    let mut parser = Parser::default();
    let mut all = Vec::new();
    for read in reads {
        parser.feed(read, |said| all.push(said));
    }
    rest(&mut parser, &mut all);
    all
}

/// Nothing comes for as long as it would wait.
fn rest(parser: &mut Parser, all: &mut Vec<Said>) {
    while parser.patience().is_some() {
        parser.tire(|said| all.push(said));
    }
}

/// The same for one text in every way to cut it in two, and byte by byte: always what it is in one piece.
fn said_however_cut(text: &[u8]) -> Vec<Said> {
    let whole = said(&[text]);
    for at in 1..text.len() {
        let (first, second) = text.split_at(at);
        assert_eq!(said(&[first, second]), whole, "{:?} cut at {at}", text.escape_ascii().to_string());
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(said(&bytes), whole, "{:?} byte by byte", text.escape_ascii().to_string());
    whole
}

fn letter(c: char) -> Said {
    plain(KeyCode::Char(c))
}

fn with(code: KeyCode, modifiers: KeyModifiers) -> Said {
    Said::Key(KeyEvent::new(code, modifiers))
}

#[test]
fn keys_are_known_in_every_form_that_terminals_send_them_in() {
    let forms: &[(KeyCode, &[&str])] = &[
        (KeyCode::Enter, &["\r", "\n", "\r\n", "\x1bOM", "\x1b[13u", "\x1b[57414u", "\x1b[27;1;13~"]),
        (KeyCode::Tab, &["\t", "\x1b[9u"]),
        (KeyCode::Backspace, &["\x08", "\x7f", "\x1b[127u"]),
        (KeyCode::Delete, &["\x1b[3~", "\x1b[P", "\x1b[57426u", "\x1b[3;1:1~"]),
        (KeyCode::Esc, &["\x1b", "\x1b[27u"]),
        (KeyCode::Up, &["\x1b[A", "\x1bOA", "\x1b[1A", "\x1b[57419u", "\u{9b}A"]),
        (KeyCode::Down, &["\x1b[B", "\x1bOB"]),
        (KeyCode::Right, &["\x1b[C", "\x1bOC"]),
        (KeyCode::Left, &["\x1b[D", "\x1bOD"]),
        (KeyCode::Home, &["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"]),
        (KeyCode::End, &["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"]),
        (KeyCode::PageUp, &["\x1b[5~"]),
        (KeyCode::PageDown, &["\x1b[6~"]),
        (KeyCode::Char('ž'), &["ž", "\x1b[382u"]),
        (KeyCode::Char('🙂'), &["🙂"]),
        (KeyCode::Char('Q'), &["Q", "\x1b[113:81;2u", "\x1b[27;2;81~"]),
    ];
    for (code, texts) in forms {
        for text in *texts {
            let modifiers = if text.contains(";2") { KeyModifiers::SHIFT } else { KeyModifiers::NONE };
            assert_eq!(said_however_cut(text.as_bytes()), [with(*code, modifiers)], "{text:?}");
        }
    }
    assert_eq!(said_however_cut(b"\x1b[Z"), [with(KeyCode::BackTab, KeyModifiers::SHIFT)]);
    assert_eq!(said_however_cut(b"\x1b[9;2u"), [with(KeyCode::BackTab, KeyModifiers::SHIFT)]);
}

#[test]
fn keys_held_down_with_others_are_known() {
    let ctrl_left = [with(KeyCode::Left, KeyModifiers::CONTROL)];
    for text in ["\x1b[1;5D", "\x1bO5D", "\x1bO1;5D", "\x1bOd"] {
        assert_eq!(said_however_cut(text.as_bytes()), ctrl_left, "{text:?}");
    }
    for text in ["\x03", "\x1b[99;5u", "\x1b[27;5;99~"] {
        assert_eq!(said_however_cut(text.as_bytes()), [ctrl('c')], "{text:?}");
    }
    assert_eq!(said_however_cut(b"\x1f"), [ctrl('_')]);
    assert_eq!(said_however_cut(b"\0"), [ctrl(' ')]);
    assert_eq!(said_however_cut(b"\x1b\x7f"), [with(KeyCode::Backspace, KeyModifiers::ALT)]);
}

#[test]
fn escape_and_a_key_in_one_piece_are_escape_and_the_key() {
    let escape = || plain(KeyCode::Esc);
    assert_eq!(said(&[b"\x1bx"]), [escape(), letter('x')]);
    assert_eq!(said(&["\x1bž".as_bytes()]), [escape(), letter('ž')]);
    assert_eq!(said(&[b"\x1b\r"]), [escape(), plain(KeyCode::Enter)]);
    assert_eq!(said(&[b"\x1b\x1b"]), [escape(), escape()]);
    assert_eq!(said(&[b"\x1b\x1b[A"]), [escape(), plain(KeyCode::Up)]);
}

#[test]
fn what_no_key_is_bound_to_is_swallowed_whole() {
    for text in [
        // F1 to F12, Insert, the keypad, keys with Shift in rxvt, of the Linux console, of st.
        "\x1bOP",
        "\x1bOS",
        "\x1b[11~",
        "\x1b[24~",
        "\x1b[2~",
        "\x1bOp",
        "\x1bOX",
        "\x1b[7$",
        "\x1b[[A",
        "\x1b[4h",
        "\x1b[E",
        "\x1b[1;2P",
        "\x1b[29~",
        // Let go, held down, with Alt, by itself: in the protocol of kitty.
        "\x1b[97;1:3u",
        "\x1b[97;1:2u",
        "\x1b[1;1:3A",
        "\x1b[121;3u",
        "\x1b[57441;2u",
        "\x1b[27;3;121~",
        // The mouse in its forms, the focus.
        "\x1b[M y\"",
        "\x1b[<0;10;20M",
        "\x1b[<0;10;20m",
        "\x1b[32;10;20M",
        "\x1b[I",
        "\x1b[O",
        // The end of a paste, or of a string, of which the beginning was lost.
        "\x1b[201~",
        "\x1b\\",
    ] {
        let text = format!("{text}j");
        assert_eq!(said_however_cut(text.as_bytes()), [letter('j')], "{text:?}");
    }
}

#[test]
fn a_string_is_swallowed_whatever_it_holds() {
    let mut inside: String = (' '..='~').chain("y\rq\x1a\n\t\0\x18é\u{9c}".chars()).collect();
    // With an Escape before everything that does not end it, or begin another one.
    for c in (' '..='~').chain("\r\n\t\0é".chars()).filter(|c| !"\\[]PX^_".contains(*c)) {
        inside.extend(['\x1b', c, 'y', '\x1b', '\x1b', c, 'q']);
    }
    for begin in ["\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\u{90}", "\u{9d}", "\u{9f}"] {
        let text = format!("{begin}{inside}\x1b\\j");
        assert_eq!(said_however_cut(text.as_bytes()), [letter('j')], "{text:?}");
    }
    let osc = format!("\x1b]{inside}\x07j");
    assert_eq!(said_however_cut(osc.as_bytes()), [letter('j')], "BEL ends a command");
    let dcs = format!("\x1bP{inside}\x07yyy\x1b\\j");
    assert_eq!(said_however_cut(dcs.as_bytes()), [letter('j')], "and nothing else");
    let long = [b"\x1b]52;c;".as_slice(), &vec![b'y'; 100_000], b"\x07j"].concat();
    assert_eq!(said(&[&long]), [letter('j')], "however long");
    let long = [b"\x1b[".as_slice(), &vec![b'1'; 100_000], b"cj"].concat();
    assert_eq!(said(&[&long]), [letter('j')], "however long");
}

#[test]
fn answers_that_somebody_may_ask_for_are_read() {
    for text in ["\x1b[?62;4c", "\x1b[?6c", "\x1b[?1;2c"] {
        assert_eq!(said_however_cut(text.as_bytes()), [Said::Reply(Reply::DeviceAttributes)]);
    }
    let at = Said::Reply(Reply::CursorAt { row: 5, column: 120 });
    assert_eq!(said_however_cut(b"\x1b[5;120R"), [at]);
    assert_eq!(said_however_cut(b"\x1b[R"), [], "F3");
    let grey = Rgb { red: 0x1d, green: 0x1f, blue: 0x21 };
    for end in ["\x07", "\x1b\\", "\x1b"] {
        let text = format!("\x1b]11;rgb:1d1d/1f1f/2121{end}");
        assert_eq!(said_however_cut(text.as_bytes()), [Said::Reply(Reply::Background(grey))], "{text:?}");
    }
}

#[test]
fn a_bare_escape_ends_an_answer_if_a_pause_or_another_one_follows_and_is_no_key() {
    let background = || Said::Reply(Reply::Background(Rgb { red: 0, green: 0, blue: 0 }));
    let text = b"\x1b]11;rgb:0000/0000/0000\x1b";
    let mut parser = Parser::default();
    let mut all = Vec::new();
    parser.feed(text, |said| all.push(said));
    assert_eq!(parser.patience(), Some(ESCAPE));
    parser.tire(|said| all.push(said));
    parser.feed(b"j", |said| all.push(said));
    assert_eq!(all, [background(), letter('j')]);
    for next in ["\x1b[?6c", "[?6c"] {
        let both = [text, next.as_bytes()].concat();
        assert_eq!(said_however_cut(&both), [background(), Said::Reply(Reply::DeviceAttributes)], "{next:?}");
    }
    assert_eq!(said(&[text, b"y", b"q"]), [], "what follows at once is in the string");
    for end in ["\x18", "\x1a"] {
        assert_eq!(said_however_cut(format!("\x1bPy\x1b{end}j").as_bytes()), [letter('j')], "{end:?}");
    }
}

#[test]
fn ctrl_c_is_heard_in_the_middle_of_everything() {
    for begin in
        ["", "\x1b[", "\x1b[?1;", "\x1bO", "\x1b]11;rgb:", "\x1bP", "\x1bPa\x1b", "\x1b_G", "\x1b[M", "é"]
    {
        let mut parser = Parser::default();
        let mut all = Vec::new();
        parser.feed(begin.as_bytes(), |_| ());
        parser.feed(b"\x03", |said| all.push(said));
        assert_eq!(all, [ctrl('c')], "{begin:?}");
        let at_once = format!("{begin}\x03");
        assert!(said(&[at_once.as_bytes()]).contains(&ctrl('c')), "{begin:?}");
    }
    let within = said(&[b"\x1b]0;a\x03b\x07j"]);
    assert_eq!(within, [letter('j')], "in the middle of a string nobody has pressed it");
}

#[test]
fn ctrl_c_in_a_paste_is_pasted_wherever_a_read_ends_and_a_key_once_nothing_has_come_for_a_moment() {
    let mut text = b"\x1b[200~".to_vec();
    text.resize(4 * 4096 - 1, CTRL_C);
    let mut parser = Parser::default();
    let mut all = Vec::new();
    for read in text.chunks(4096) {
        parser.feed(read, |said| all.push(said));
    }
    for _ in 0..2 {
        parser.feed(b"\x03", |said| all.push(said));
    }
    assert_eq!(all, [], "part of it");
    assert_eq!(parser.patience(), Some(SILENCE));
    parser.tire(|said| all.push(said));
    assert_eq!(all, [ctrl('c')], "or not, as nothing follows");
    all.clear();
    parser.feed(b"y\x03", |said| all.push(said));
    assert_eq!(all, [], "it goes on");
    parser.tire(|said| all.push(said));
    parser.feed(b"\x03", |said| all.push(said));
    parser.feed(b"\x03", |said| all.push(said));
    assert_eq!(all, [ctrl('c'), ctrl('c')], "its end got lost");
    parser.feed(b"y\x1b[201~", |said| all.push(said));
    assert!(matches!(all.last(), Some(Said::Paste(_))), "or not: then it is whole");
}

#[test]
fn the_rest_of_something_is_swallowed_however_late_it_comes() {
    for (begin, rest) in
        [("\x1b[?2026;2$", "y"), ("\x1bP>|XTerm(", "y379)\x1b\\"), ("\x1b]11;rg", "by:0\x07"), ("\x1bO", "y")]
    {
        let mut parser = Parser::default();
        let mut all = Vec::new();
        parser.feed(begin.as_bytes(), |said| all.push(said));
        assert_eq!(parser.patience(), Some(SILENCE), "it waits for more");
        parser.tire(|said| all.push(said));
        assert_eq!(parser.patience(), None, "and no clock ticks when that does not come");
        parser.feed(rest.as_bytes(), |said| all.push(said));
        parser.feed(b"j", |said| all.push(said));
        assert_eq!(all, [letter('j')], "{begin:?} {rest:?}");
    }
}

#[test]
fn something_that_never_ends_does_not_hold_the_keyboard_for_ever() {
    for begin in ["\x1b[1;", "\x1b]0;", "\x1bP", "\x1b_", "\x1b[200~abc"] {
        let mut parser = Parser::default();
        let mut all = Vec::new();
        parser.feed(begin.as_bytes(), |said| all.push(said));
        rest(&mut parser, &mut all);
        parser.feed(b"1", |said| all.push(said));
        assert_eq!(all, [], "it may be the rest");
        parser.tire(|said| all.push(said));
        assert!(parser.is_doubtful(), "{begin:?}: what comes now may still be the rest");
        parser.feed(b"j", |said| all.push(said));
        assert_eq!(all, [letter('j')], "{begin:?}");
        assert!(parser.is_doubtful());
        parser.tire(|said| all.push(said));
        assert!(!parser.is_doubtful(), "it was not");
        assert_eq!(parser.patience(), None, "nothing is waited for");
    }
}

#[test]
fn escape_is_a_key_after_a_moment_and_the_rest_of_a_torn_sequence_is_none() {
    for rest in [
        "[A",
        "[1;5A",
        "OA",
        "]0;title\x07",
        "]lyes\nq\x1b\\",
        "Pdcs\x1b\\",
        "P>|XTerm(y379)\x1b\\",
        "_Gyq\x1b\\",
        "_\x1byyq\x1b\\",
        "^yq\x1b\\",
        "Xyq\x1b\\",
        "\\",
        "[?62c",
        "[?2026;2$y",
    ] {
        let mut parser = Parser::default();
        let mut all = Vec::new();
        parser.feed(b"\x1b", |said| all.push(said));
        assert_eq!(all, [], "it may be the beginning of something");
        assert_eq!(parser.patience(), Some(ESCAPE));
        parser.tire(|said| all.push(said));
        assert_eq!(all, [plain(KeyCode::Esc)]);
        all.clear();
        for byte in rest.as_bytes().chunks(1) {
            parser.feed(byte, |said| all.push(said));
        }
        parser.feed(b"j", |said| all.push(said));
        all.retain(|said| !matches!(said, Said::Reply(_)));
        assert_eq!(all, [letter('j')], "{rest:?}");
    }
    let mut parser = Parser::default();
    let mut all = Vec::new();
    parser.feed(b"\x1b", |_| ());
    parser.tire(|_| ());
    assert_eq!(parser.patience(), Some(TORN));
    parser.tire(|_| ());
    parser.feed(b"[", |said| all.push(said));
    assert_eq!(all, [letter('[')], "much later it is a key of its own");
}

#[test]
fn a_key_after_escape_is_a_key_even_if_it_could_introduce_something() {
    for (next, is) in [
        (b"".as_slice(), None),
        (b"\r", Some(plain(KeyCode::Enter))),
        (b"\x03", Some(ctrl('c'))),
        (b"\x7f", Some(plain(KeyCode::Backspace))),
    ] {
        for first in "[O]PX^_".chars() {
            let mut parser = Parser::default();
            let mut all = Vec::new();
            parser.feed(b"\x1b", |_| ());
            parser.tire(|_| ());
            parser.feed(&[u8::try_from(first).unwrap()], |said| all.push(said));
            assert_eq!(all, [], "it may be the beginning of something");
            assert_eq!(parser.patience(), Some(INTRODUCED));
            parser.feed(next, |said| all.push(said));
            rest(&mut parser, &mut all);
            assert!(all.iter().eq([letter(first)].iter().chain(&is)), "{first:?} {next:?}: {all:?}");
            assert_eq!(parser.patience(), None);
        }
    }
}

#[test]
fn a_paste_is_whole_however_it_is_cut() {
    let pasted = Said::Paste("y\nq\r\x1b[A \x1b[201 \x1b\x1b[20é".to_owned());
    let text = "\x1b[200~y\nq\r\x1b[A \x1b[201 \x1b\x1b[20é\x1b[201~j";
    assert_eq!(said_however_cut(text.as_bytes()), [pasted, letter('j')]);
}

#[test]
fn a_paste_of_megabytes_is_taken_up_to_a_limit_and_acts_as_no_key() {
    for (length, kept) in [
        (LONGEST_PASTE, LONGEST_PASTE),
        (LONGEST_PASTE + 1, LONGEST_PASTE),
        (3 * LONGEST_PASTE, LONGEST_PASTE),
    ] {
        let text = [b"\x1b[200~".as_slice(), &vec![b'y'; length], b"\x1b[201~j"].concat();
        let mut parser = Parser::default();
        let mut all = Vec::new();
        for read in text.chunks(4096) {
            parser.feed(read, |said| all.push(said));
        }
        assert_eq!(all, [Said::Paste("y".repeat(kept)), letter('j')]);
    }
}

#[test]
fn what_is_no_utf_8_is_dropped_and_the_next_key_counts() {
    for text in [
        b"\xffj".as_slice(),
        b"\xc3j",
        b"\xe2\x82j",
        b"\xf0\x9f\x99j",
        b"\xc0\xafj",
        b"\xed\xa0\x80j",
        b"\xbfj",
    ] {
        assert_eq!(said_however_cut(text), [letter('j')], "{text:?}");
    }
}

#[test]
fn a_paste_that_is_no_utf_8_is_text_all_the_same_and_was_never_moved_about() {
    let bytes = [b"y\xff\xc3".as_slice(), "é".as_bytes(), b"\xe2\x82", &[0xff; 1000], b"q"].concat();
    let text = in_utf_8(&bytes);
    assert_eq!(text, String::from_utf8_lossy(&bytes));
    let most = bytes.utf8_chunks().map(|chunk| chunk.valid().len() + 3).sum::<usize>();
    assert_eq!(text.capacity(), most);
}

#[test]
fn nothing_that_was_typed_or_pasted_is_told_to_a_log() {
    let mut parser = Parser::default();
    let mut all = Vec::new();
    let secret: Vec<String> =
        "canary".chars().map(|c| format!("{c:?}")).chain(["canary".to_owned()]).collect();
    parser.feed(b"canary\x1b[200~canary", |said| all.push(said));
    let told = format!("{parser:?} {all:?}");
    parser.feed(b"\x1b[201~", |said| all.push(said));
    let told = format!("{told} {all:?}");
    assert!(secret.iter().all(|part| !told.contains(part)), "{told}");
    let bytes = format!("{:?}", b"canary");
    assert!(!told.contains(bytes.trim_matches(['[', ']'])), "{told}");
}
