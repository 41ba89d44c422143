//! The day of a moment, in UTC.

use std::time::Duration;

const DAY: u64 = 24 * 60 * 60;

/// The day as `YYYY-MM-DD`, from the time since 1970.
pub fn day(since_1970: Duration) -> String {
    // Counting years from March puts the leap day at a year's end.
    // http://howardhinnant.github.io/date_algorithms.html#civil_from_days
    let days = since_1970.as_secs() / DAY + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524
        - day_of_era / 146_096)
        / 365;
    let day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let at = |seconds| day(Duration::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01");
        assert_eq!(at(951_782_400), "2000-02-29");
        assert_eq!(at(1_709_251_199), "2024-02-29");
        assert_eq!(at(1_709_251_200), "2024-03-01");
        assert_eq!(at(1_795_391_999), "2026-11-22");
        assert_eq!(at(1_795_392_000), "2026-11-23");
    }
}
