//! What terminals answer, late or unasked, is not what a person typed: whatever has the keyboard, and
//! however the answer is cut into reads, nothing happens, and the next key works.

use crate::everywhere::{PLACES, at};
use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use futures::future::join_all;
use std::time::Duration;

/// What terminals answer to what they can be asked, and say by themselves. Of xterm 379, foot 1.13, kitty
/// 0.26, alacritty 0.11, VTE 0.70, konsole 22.12, tmux 3.3, GNU screen 4.9, urxvt 9.30, st 0.9, mlterm 3.9
/// and xterm.js.
const ANSWERS: &[&str] = &[
    // DA1: what kind of terminal.
    "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c",
    "\x1b[?62;4;22c",
    "\x1b[?62;c",
    "\x1b[?6c",
    "\x1b[?65;1;9c",
    "\x1b[?62;1;4c",
    "\x1b[?1;2;4c",
    "\x1b[?1;2c",
    "\x1b[?63;1;2;3;4;6;8;15;16;21;22;28;29;42;44c",
    // DA2: which version.
    "\x1b[>41;379;0c",
    "\x1b[>1;11301;0c",
    "\x1b[>1;4000;26c",
    "\x1b[>0;1100;1c",
    "\x1b[>65;7001;1c",
    "\x1b[>0;115;0c",
    "\x1b[>84;0;0c",
    "\x1b[>83;40900;0c",
    "\x1b[>85;95;0c",
    "\x1b[>0;276;0c",
    // DA3: which of them.
    "\x1bP!|00000000\x1b\\",
    "\x1bP!|464f4f54\x1b\\",
    "\x1bP!|7E565445\x1b\\",
    "\x1bP!|7E4B4445\x1b\\",
    "\x1bP!|0\x1b\\",
    // DSR: that it works, where the cursor is, with and without a page, printer, keys, keyboard, macros.
    "\x1b[0n",
    "\x1b[3n",
    "\x1b[24;80R",
    "\x1b[1;1R",
    "\x1b[?12;40R",
    "\x1b[?12;40;1R",
    "\x1b[?13n",
    "\x1b[?20n",
    "\x1b[?27;1;0;0n",
    "\x1b[?50n",
    "\x1bP1!~0000\x1b\\",
    // Its parameters, its size, its place, its title and its icon's.
    "\x1b[3;1;1;120;120;1;0x",
    "\x1b[8;24;80t",
    "\x1b[4;600;900t",
    "\x1b[1t",
    "\x1b]lyes\nq\x1b\\",
    "\x1b]LRevoke? y\x1b\\",
    // DECRQM: which modes are set.
    "\x1b[?2026;2$y",
    "\x1b[?1049;1$y",
    "\x1b[?2004;1$y",
    "\x1b[?9999;0$y",
    "\x1b[4;2$y",
    // DECRQSS: how it is set, and that it does not know.
    "\x1bP1$r0m\x1b\\",
    "\x1bP1$r0;38:2::1:2:3m\x1b\\",
    "\x1bP1$r1;24r\x1b\\",
    "\x1bP1$r2 q\x1b\\",
    "\x1bP0$r\x1b\\",
    // XTGETTCAP and XTVERSION: what it can, and what it is.
    "\x1bP1+r524742=38\x1b\\",
    "\x1bP0+r\x1b\\",
    "\x1bP>|XTerm(379)\x1b\\",
    "\x1bP>|foot(1.13.1)\x1b\\",
    "\x1bP>|kitty(0.26.5)\x1b\\",
    "\x1bP>|VTE(7001)\x1b\\",
    "\x1bP>|Konsole 22.12.3\x1b\\",
    "\x1bP>|tmux 3.3a\x1b\\",
    "\x1bP>|xterm.js(6.0.0)\x1b\\",
    // OSC 4, 10, 11 and 12: colours. tmux leaves the index out, urxvt half the end, st ends with BEL.
    "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\",
    "\x1b]4;255;rgb:ee/ee/ee\x07",
    "\x1b]4;rgb:cdcd/0000/0000\x1b\\",
    "\x1b]10;rgb:ffff/ffff/ffff\x07",
    "\x1b]11;rgb:1d1d/1f1f/2121\x1b\\",
    "\x1b]11;rgba:0000/0000/0000/cccc\x07",
    "\x1b]12;#ff00ff\x07",
    HALF_ENDED,
    // OSC 52: what is in the clipboard.
    "\x1b]52;c;eXlxeXE=\x1b\\",
    "\x1b]52;;\x07",
    "\x1b]5522;type=read:status=DONE\x1b\\",
    // That it is dark or light now, has the focus or not, has another size; keys of kitty's protocol.
    "\x1b[?997;1n",
    "\x1b[?997;2n",
    "\x1b[I",
    "\x1b[O",
    "\x1b[48;24;80;480;800t",
    "\x1b[?0u",
    "\x1b[?1u",
    "\x1b[>4;0m",
    // What its pictures say, and the mouse.
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b_Gi=31;ENOTSUPPORTED:y\x1b\\",
    "\x1b[?1;0;256S",
    "\x1b[<64;10;20M",
    "\x1b[<0;10;20m",
    "\x1b[M !!",
    // What no terminal is known to say.
    "\x1b[?1;2;3y",
    "\x1b[>0;1;2}",
    "\x1b^yq\x1b\\",
    "\x1bXyq\x1b\\",
    "\x1b]777;notify;y;q\x07",
    "\x1bP>|\x1by\x1bq\x1b\r\x1b:\x1bOy\x1b\x1byq\x1b\\",
    "\x1b]ly\x1by\x1b\ry\rq\x1bqyq\x07",
    "\x1b_\x1byyq\x1b\\",
    "\x1b^\x1byyq\x1b\\",
    "\x1bX\x1byyq\x1b\\",
];

/// Half the end of an answer, as urxvt sends it, is all of it if nothing follows.
const HALF_ENDED: &str = "\x1b]11;rgb:0000/0000/0000\x1b";

/// An answer in one piece, byte by byte, and cut at every place.
fn cuts(answer: &str) -> Vec<Vec<&[u8]>> {
    let bytes = answer.as_bytes();
    let in_two = (1..bytes.len()).map(|at| vec![&bytes[..at], &bytes[at..]]);
    [vec![bytes], bytes.chunks(1).collect()].into_iter().chain(in_two).collect()
}

/// Everything that an answer could have changed.
fn seen(screen: &mut Screen) -> (String, Context, Vec<String>, String, u64) {
    (screen.text(), screen.context(), screen.writes(), screen.aside(), screen.frames())
}

async fn assert_means_nothing(place: Context) {
    let mut screen = at(place).await;
    // What was asked at the start is not waited for any more.
    screen.advance_only(Duration::from_secs(6)).await;
    let before = seen(&mut screen);
    for answer in ANSWERS {
        for reads in cuts(answer) {
            screen.send(&reads).await;
            assert_eq!(seen(&mut screen), before, "{place:?}: {reads:?}");
        }
    }
    assert_eq!(screen.left(), None);
    screen.send(&[b"\x03"]).await;
    screen.assert_shows("Ctrl-C again to quit");
}

#[tokio::test]
async fn whatever_a_terminal_answers_nothing_happens_wherever_the_keyboard_is() {
    // Each on the heap: side by side they are more than a test's stack holds.
    join_all(PLACES.map(|place| Box::pin(assert_means_nothing(place)))).await;
}

/// Longer than Escape waits for what belongs to it, and less than a slow line keeps the rest of it back.
const CUT_OFF: Duration = Duration::from_millis(900);

#[tokio::test]
async fn an_answer_cut_off_from_its_escape_closes_a_question_and_does_no_more() {
    for answer in ANSWERS {
        let mut screen = at(Context::Question).await;
        // What was asked at the start is not waited for any more.
        screen.advance_only(Duration::from_secs(6)).await;
        let (escape, rest) = answer.as_bytes().split_at(1);
        screen.send(&[escape]).await;
        screen.rest(Duration::from_millis(60)).await;
        assert_eq!(screen.context(), Context::Users, "Escape is No");
        screen.rest(CUT_OFF).await;
        screen.settle().await;
        let before = seen(&mut screen);
        let bytes: Vec<&[u8]> = rest.chunks(1).collect();
        screen.send(&bytes).await;
        assert_eq!(seen(&mut screen), before, "{answer:?}");
        assert_eq!(screen.left(), None);
    }
}

#[tokio::test]
async fn a_key_soon_after_escape_is_that_key_whatever_it_could_introduce() {
    let mut screen = at(Context::Tokens).await;
    screen.send(&[b"?"]).await;
    screen.send(&[b"\x1b"]).await;
    screen.rest(Duration::from_millis(60)).await;
    screen.send(&[b"X"]).await;
    assert_eq!(screen.context(), Context::Tokens, "it may be the beginning of something");
    screen.rest(Duration::from_millis(260)).await;
    assert_eq!(screen.context(), Context::Form);
}

#[tokio::test]
async fn an_answer_that_a_slow_line_brings_byte_by_byte_closes_a_question_and_does_no_more() {
    // An Escape within a string, and then a pause, is how urxvt ends it.
    for answer in ANSWERS.iter().filter(|answer| !answer.contains("\x1by")).step_by(4) {
        let mut screen = at(Context::Question).await;
        screen.advance_only(Duration::from_secs(6)).await;
        let mut before = None;
        for byte in answer.as_bytes().chunks(1) {
            screen.send(&[byte]).await;
            screen.rest(Duration::from_millis(200)).await;
            screen.settle().await;
            let before = before.get_or_insert_with(|| seen(&mut screen));
            assert_eq!(&seen(&mut screen), before, "{answer:?}");
        }
        assert_eq!((screen.context(), screen.left()), (Context::Users, None), "Escape is No");
    }
}

#[tokio::test]
async fn a_key_in_one_piece_with_what_is_no_key_answers_no_question() {
    let mut screen = at(Context::Question).await;
    for beside in [
        &b"\xc3"[..],
        b"\x80",
        b"\xe2\x82",
        b"\xff",
        b"\xc2\x85",
        b"\x1b]11;rgb:0/0/0\x07",
        b"\x1b[?62c",
        b"\x1bP1+r\x1b\\",
        b"\x1b[5;5x",
        b"\x1b\\",
    ] {
        screen.send(&[&[beside, b"y"].concat()]).await;
        assert_eq!(screen.context(), Context::Question, "{beside:?}");
        screen.send(&[&[b"y", beside].concat()]).await;
        assert_eq!(screen.context(), Context::Question, "{beside:?}");
        screen.rest(Duration::from_secs(2)).await;
    }
    assert_eq!(screen.writes(), Vec::<String>::new());
    screen.send(&[b"y"]).await;
    assert_ne!(screen.context(), Context::Question);
}

#[tokio::test]
async fn the_next_key_works_after_every_answer() {
    let mut screen = Screen::start(Start::default()).await;
    for answer in ANSWERS {
        for reads in cuts(answer) {
            let before = screen.world().current_user().unwrap().uuid;
            screen.send(&reads).await;
            if *answer == HALF_ENDED {
                screen.send_and_rest(&[]).await;
            }
            screen.send(&[b"j"]).await;
            assert_ne!(screen.world().current_user().unwrap().uuid, before, "{reads:?}");
            screen.send(&[b"k"]).await;
            assert_eq!(screen.world().current_user().unwrap().uuid, before, "{reads:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_costs_a_key_or_two_and_answers_nothing() {
    for begin in ["\x1b[?62;", "\x1bP>|XTerm", "\x1b]11;rgb:", "\x1b_", "\x1b[200~y"] {
        let mut screen = at(Context::Question).await;
        screen.send_and_rest(&[begin.as_bytes()]).await;
        screen.send_and_rest(&[b"y"]).await;
        screen.send(&[b"yy\r"]).await;
        assert_eq!(screen.writes(), Vec::<String>::new(), "{begin:?}");
        screen.send_and_rest(&[b"\x03"]).await;
        assert_eq!(screen.left(), None);
        screen.send_and_rest(&[b"\x1b"]).await;
        screen.send_and_rest(&[b"\x1b"]).await;
        assert_eq!(screen.context(), Context::Users, "{begin:?}: Escape closes it in the end");
    }
}

#[tokio::test]
async fn escape_by_itself_goes_back_after_a_moment() {
    let mut screen = at(Context::Question).await;
    screen.send(&[b"\x1b"]).await;
    assert_eq!(screen.context(), Context::Question, "it may be the beginning of something");
    screen.send_and_rest(&[]).await;
    assert_eq!(screen.context(), Context::Users);
}
