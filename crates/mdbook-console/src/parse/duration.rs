//! Durations as an author writes them: `500ms`, `10s`, `2m`.

use std::time::Duration;

/// Reads a whole number and its unit. Zero is not a duration.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        _ => return None,
    };
    Some(unit * number).filter(|duration| !duration.is_zero())
}

/// Writes what [`parse`] reads.
pub fn show(duration: Duration) -> String {
    let millis = duration.as_millis();
    if millis.is_multiple_of(60_000) {
        format!("{}m", millis / 60_000)
    } else if millis.is_multiple_of(1000) {
        format!("{}s", millis / 1000)
    } else {
        format!("{millis}ms")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for text in ["500ms", "10s", "2m", "1s"] {
            assert_eq!(parse(text).map(show).as_deref(), Some(text));
        }
        for text in ["", "10", "s", "1h", "0s", "-1s", "1.5s", "1 s", "１s"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
