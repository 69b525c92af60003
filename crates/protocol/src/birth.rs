//! Birth dates, and the age rule (R20). The clock is never read here.
//!
//! *Which day is it?* A server does not know where a person is, and the day of the birthday must pass. So a day has begun as soon as it has
//! begun anywhere on earth: in the Line Islands, at UTC+14. Nobody is kept out on their birthday; at UTC-12 somebody may be let in a day
//! early.
//!
//! *29 February.* Where the year of the birthday has no such day, the age is reached on 1 March: a period in years ends with the last hour
//! of the last day of that month (Regulation (EEC, Euratom) 1182/71, 3(2)(c); Italian Civil Code, 2963), so the year is full when
//! 28 February is over.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};

/// A birth date.
///
/// ```
/// use satchel_protocol::BirthDate;
/// let born = BirthDate::from_parts("24", "11", "2010", "2026-11-24T00:00:00Z".parse()?)?;
/// assert!(!born.is_at_least(16, "2026-11-23T09:59:59Z".parse()?));
/// assert!(born.is_at_least(16, "2026-11-23T10:00:00Z".parse()?), "the day has begun on Kiritimati");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(Date);

/// What is wrong with a birth date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BirthError {
    /// There is no such day.
    #[error("there is no such day")]
    NoSuchDay,
    /// It is still to come.
    #[error("the day is still to come")]
    Future,
    /// Nobody is as old.
    #[error("nobody is as old as that")]
    TooLongAgo,
}

/// Older than anybody is.
const OLDEST: i16 = 130;

impl BirthDate {
    /// From day, month and year as typed; a month is a number.
    ///
    /// # Errors
    /// See [`BirthError`].
    pub fn from_parts(day: &str, month: &str, year: &str, now: Timestamp) -> Result<Self, BirthError> {
        let number = |text: &str, most: usize| {
            let text = text.trim();
            let plain = !text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
            if plain { text.parse::<i16>().map_err(|_| BirthError::NoSuchDay) } else { Err(BirthError::NoSuchDay) }
        };
        let small = |text: &str| number(text, 2).map(|number| i8::try_from(number).unwrap_or_default());
        let (day, month, year) = (small(day)?, small(month)?, number(year, 4)?);
        let date = Date::new(year, month, day).map_err(|_| BirthError::NoSuchDay)?;
        let today = today(now);
        if date > today {
            return Err(BirthError::Future);
        }
        if year < today.year() - OLDEST { Err(BirthError::TooLongAgo) } else { Ok(Self(date)) }
    }

    /// From the form in which it is stored.
    pub fn from_stored(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    /// The form in which it is stored, `2010-11-24`.
    pub fn to_stored(self) -> String {
        self.0.to_string()
    }

    /// Day, month and year.
    pub fn parts(self) -> (i8, i8, i16) {
        (self.0.day(), self.0.month(), self.0.year())
    }

    /// Whether the person has reached this age.
    pub fn is_at_least(self, age: u8, now: Timestamp) -> bool {
        self.birthday(age).is_none_or(|day| today(now) >= day)
    }

    /// When the person reaches this age.
    pub fn reaches(self, age: u8) -> Option<Timestamp> {
        first_zone().to_timestamp(self.birthday(age)?.to_datetime(jiff::civil::Time::midnight())).ok()
    }

    fn birthday(self, age: u8) -> Option<Date> {
        let year = self.0.year().checked_add(i16::from(age))?;
        Date::new(year, self.0.month(), self.0.day()).or_else(|_| Date::new(year, 3, 1)).ok()
    }
}

/// Where a day begins first.
fn first_zone() -> TimeZone {
    TimeZone::fixed(offset(14))
}

fn today(now: Timestamp) -> Date {
    first_zone().to_datetime(now).date()
}

/// A birth date is personal: it does not get into a log by way of a debug print.
impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn born(text: &str) -> BirthDate {
        BirthDate::from_stored(text).unwrap()
    }

    #[test]
    fn the_day_of_the_sixteenth_birthday_passes_and_the_day_before_does_not() {
        let child = born("2010-11-24");
        assert!(!child.is_at_least(16, at("2026-11-23T09:59:59.999999Z")));
        assert!(child.is_at_least(16, at("2026-11-23T10:00:00Z")));
        assert!(child.is_at_least(16, at("2026-11-24T23:00:00-12:00")), "wherever that day is");
        assert_eq!(child.reaches(16), Some(at("2026-11-23T10:00:00Z")));
    }

    #[test]
    fn who_was_born_on_29_february_is_of_age_on_1_march_unless_the_day_exists() {
        let child = born("2008-02-29");
        assert!(child.is_at_least(16, at("2024-02-29T00:00:00+14:00")), "2024 has the day");
        let child = born("2012-02-29");
        assert!(!child.is_at_least(14, at("2026-02-28T23:59:59+14:00")));
        assert!(child.is_at_least(14, at("2026-03-01T00:00:00+14:00")));
    }

    #[test]
    fn what_is_no_birth_date_is_refused_with_its_reason() {
        let now = at("2026-11-24T00:00:00Z");
        let parse = |day, month, year| BirthDate::from_parts(day, month, year, now);
        assert_eq!(parse("31", "4", "2000"), Err(BirthError::NoSuchDay));
        assert_eq!(parse("29", "2", "2001"), Err(BirthError::NoSuchDay));
        assert_eq!(parse("+1", "1", "2001"), Err(BirthError::NoSuchDay));
        assert_eq!(parse("", "1", "2001"), Err(BirthError::NoSuchDay));
        assert_eq!(parse("1", "1", "85"), Err(BirthError::TooLongAgo));
        assert_eq!(parse("25", "11", "2026"), Err(BirthError::Future));
        assert_eq!(parse("24", "11", "2026").map(BirthDate::to_stored), Ok(String::from("2026-11-24")));
        assert_eq!(parse(" 01", "09 ", "1999").map(BirthDate::parts), Ok((1, 9, 1999)));
    }

    #[test]
    fn a_birth_date_is_not_printed_for_debugging() {
        assert_eq!(format!("{:?}", born("2000-01-01")), "BirthDate(..)");
    }
}
