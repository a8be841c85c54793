//! What a terminal answers, as far as somebody asks for it. All other answers are dropped.

/// An answer of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// To `CSI c` (DA1). Every terminal answers it that answers anything, and answers come in the order of
    /// the questions: what was asked before it and is not answered yet will not be.
    DeviceAttributes,
    /// To `CSI 6 n` (CPR): where the cursor stands, counted from 1. Shift-F3 of some terminals looks the
    /// same, so that one that nobody asked for means nothing.
    CursorAt {
        /// The row.
        row: u16,
        /// The column.
        column: u16,
    },
    /// To `OSC 10 ; ?`: the colour of text.
    Foreground(Rgb),
    /// To `OSC 11 ; ?`: the colour behind it.
    Background(Rgb),
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb {
    /// Red, 0 to 255.
    pub red: u8,
    /// Green, 0 to 255.
    pub green: u8,
    /// Blue, 0 to 255.
    pub blue: u8,
}

impl Reply {
    /// What an OSC string says, without its ends.
    pub(super) fn of_osc(text: &[u8]) -> Option<Self> {
        let (number, colour) = std::str::from_utf8(text).ok()?.split_once(';')?;
        match number {
            "10" => Rgb::read(colour).map(Self::Foreground),
            "11" => Rgb::read(colour).map(Self::Background),
            _ => None,
        }
    }
}

impl Rgb {
    /// `rgb:ffff/ffff/ffff` with 1 to 4 digits each, `rgba:` with the opacity at the end, or `#rrggbb` with 1
    /// to 4 digits each.
    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = if let Some(digits) = text.strip_prefix('#') {
            let each = digits.len() / 3;
            let sized = digits.is_ascii() && each > 0 && digits.len() == each * 3;
            sized.then(|| vec![&digits[..each], &digits[each..2 * each], &digits[2 * each..]])?
        } else if let Some(parts) = text.strip_prefix("rgba:") {
            let parts: Vec<&str> = parts.split('/').collect();
            (parts.len() == 4).then(|| parts[..3].to_vec())?
        } else {
            text.strip_prefix("rgb:")?.split('/').collect()
        };
        match parts.as_slice() {
            [red, green, blue] => {
                Some(Self { red: channel(red)?, green: channel(green)?, blue: channel(blue)? })
            }
            _ => None,
        }
    }
}

/// A part of a colour, in hexadecimal of 1 to 4 digits: the most its digits can say is full.
fn channel(digits: &str) -> Option<u8> {
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let full = (1_u32 << (4 * digits.len())) - 1;
    u8::try_from(value * 255 / full).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_in_every_form_that_terminals_give() {
        let white = Some(Reply::Background(Rgb { red: 255, green: 255, blue: 255 }));
        for text in ["rgb:ffff/ffff/ffff", "rgb:FF/ff/fF", "rgba:ffff/ffff/ffff/8000", "#ffffff", "#fff"] {
            assert_eq!(Reply::of_osc(format!("11;{text}").as_bytes()), white, "{text}");
        }
        let grey = Rgb { red: 0x1e, green: 0x1f, blue: 0x20 };
        assert_eq!(Reply::of_osc(b"10;rgb:1e1e/1f1f/2020"), Some(Reply::Foreground(grey)));
    }

    #[test]
    fn what_is_no_colour_is_no_reply() {
        for text in ["11;?", "11;rgb:", "11;rgb:1/2", "11;rgb:1/2/3/4", "11;rgb:12345/0/0", "11;#ff", "11;#"]
        {
            assert_eq!(Reply::of_osc(text.as_bytes()), None, "{text}");
        }
        for text in ["", "11", "4;0;rgb:0000/0000/0000", "52;c;eXlx", "11;rgb:é/0/0", "11;#éaé"] {
            assert_eq!(Reply::of_osc(text.as_bytes()), None, "{text}");
        }
    }
}
