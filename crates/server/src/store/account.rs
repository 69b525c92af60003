//! Accounts, their verified addresses, and registrations whose address is not verified yet. An account is made when its address is verified,
//! so that nobody holds an address that is not theirs.

use jiff::Timestamp;
use satchel_protocol::visibility::Visibility;
use satchel_protocol::{BirthDate, EmailAddress, Id, Language};

use super::{Row, StoreError, Tx, factor, identity, notice, session, tombstone};
use crate::settings::Policy;
use crate::values;

/// Whether an account may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may.
    Active,
    /// Staff blocked it.
    Blocked,
    /// Its owner is too young.
    UnderAge,
}

impl State {
    const NAMES: [(Self, &'static str); 3] =
        [(Self::Active, "active"), (Self::Blocked, "blocked"), (Self::UnderAge, "under_age")];

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Its id.
    pub id: Id,
    /// Whether it may be used.
    pub state: State,
    /// `operator`, for one who runs the server.
    pub role: Option<String>,
    /// Given name.
    pub given_name: String,
    /// Family name; may be empty.
    pub family_name: String,
    /// Birth date.
    pub birth_date: BirthDate,
    /// The hash of the password.
    pub password: Option<String>,
    /// The language of pages and mails.
    pub language: Language,
    /// The name of the page.
    pub slug: String,
    /// Who sees the page.
    pub page: Visibility,
    /// When its owner said who sees it.
    pub page_chosen: Option<Timestamp>,
    /// Whether search engines may list it.
    pub indexed: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl Account {
    /// Whether it may be used.
    pub fn is_usable(&self) -> bool {
        self.state == State::Active
    }

    /// The whole name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name).trim().to_owned()
    }
}

pub(super) const COLUMNS: &str =
    "id, state, role, given_name, family_name, birth_date, password, language, slug, page, page_chosen, indexed, created";

pub(super) fn read(row: &Row) -> Result<Account, StoreError> {
    let broken = |what: &str| StoreError::Failed(format!("an account with an unreadable {what}"));
    let state: String = row.get(1)?;
    let state = State::NAMES.iter().find(|(_, name)| *name == state).map(|(state, _)| *state);
    Ok(Account {
        id: row.get(0)?,
        state: state.ok_or_else(|| broken("state"))?,
        role: row.get(2)?,
        given_name: row.get(3)?,
        family_name: row.get(4)?,
        birth_date: BirthDate::from_stored(&row.get::<String>(5)?).ok_or_else(|| broken("birth date"))?,
        password: row.get(6)?,
        language: Language::of_locale(&row.get::<String>(7)?),
        slug: row.get(8)?,
        page: Visibility::from_name(&row.get::<String>(9)?).ok_or_else(|| broken("visibility"))?,
        page_chosen: row.get(10)?,
        indexed: row.get(11)?,
        created: row.get(12)?,
    })
}

/// Makes an account.
///
/// # Errors
/// What the database said.
pub fn create(tx: &mut Tx<'_>, account: &Account) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO account (id, state, role, given_name, family_name, birth_date, password, language, slug, page, page_chosen,
                   indexed, created, seen)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    let given = values![
        account.id,
        account.state.name(),
        account.role.as_ref(),
        &account.given_name,
        &account.family_name,
        account.birth_date.to_stored(),
        account.password.as_ref(),
        account.language.tag(),
        &account.slug,
        account.page.name(),
        account.page_chosen,
        account.indexed,
        account.created,
        account.created
    ];
    tx.execute(sql, given).map(drop)
}

/// The account with this id.
///
/// # Errors
/// What the database said.
pub fn get(tx: &mut Tx<'_>, id: Id) -> Result<Option<Account>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM account WHERE id = $1"), values![id])?.as_ref().map(read).transpose()
}

/// The same, while it may be used: nobody blocked it, and its owner is old enough (R20, R21).
///
/// # Errors
/// What the database said.
pub fn usable(tx: &mut Tx<'_>, id: Id, minimum_age: u8, now: Timestamp) -> Result<Option<Account>, StoreError> {
    Ok(get(tx, id)?.filter(|it| it.is_usable() && it.birth_date.is_at_least(minimum_age, now)))
}

/// The same, when it also has the second factor that it must have (R49): for programs, which show none themselves.
///
/// # Errors
/// What the database said.
pub fn admitted(tx: &mut Tx<'_>, id: Id, policy: &Policy, now: Timestamp) -> Result<Option<Account>, StoreError> {
    let Some(account) = usable(tx, id, policy.minimum_age, now)? else { return Ok(None) };
    let lacks = factor::is_demanded(tx, policy.second_factor, &account)? && !factor::has(tx, id)?;
    Ok((!lacks).then_some(account))
}

/// The account that holds this address.
///
/// # Errors
/// What the database said.
pub fn by_address(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<Option<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE id = (SELECT account FROM address WHERE address = $1)");
    tx.first(&sql, values![address.normal()])?.as_ref().map(read).transpose()
}

/// Whether there is nothing in an account but one login of a provider and at most one address: no badge and no answer to an invitation, no
/// other way in, no role, no program. Its owner loses nothing with it.
///
/// # Errors
/// What the database said.
pub fn is_bare(tx: &mut Tx<'_>, id: Id) -> Result<bool, StoreError> {
    let Some(it) = get(tx, id)?.filter(Account::is_usable) else { return Ok(false) };
    let sql = "SELECT (SELECT count(*) FROM award WHERE holder = $1) + (SELECT count(*) FROM invitation WHERE account = $2)
                   + (SELECT count(*) FROM factor WHERE account = $3) + (SELECT count(*) FROM staff WHERE account = $4)
                   + (SELECT count(*) FROM device WHERE account = $5) + (SELECT count(*) FROM collection WHERE account = $6)";
    let has = tx.number(sql, values![id, id, id, id, id, id])?;
    let plain = it.password.is_none() && it.role.is_none();
    Ok(plain && has == 0 && identity::of(tx, id)?.len() == 1 && addresses(tx, id)?.len() < 2)
}

/// The account whose page has this name.
///
/// # Errors
/// What the database said.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Account>, StoreError> {
    tx.first(&format!("SELECT {COLUMNS} FROM account WHERE slug = $1"), values![slug])?.as_ref().map(read).transpose()
}

/// How many accounts have a role.
///
/// # Errors
/// What the database said.
pub fn count_with_role(tx: &mut Tx<'_>, role: &str) -> Result<i64, StoreError> {
    tx.number("SELECT count(*) FROM account WHERE role = $1", values![role])
}

/// Changes the names.
///
/// # Errors
/// What the database said.
pub fn rename(tx: &mut Tx<'_>, id: Id, given: &str, family: &str, language: Language) -> Result<(), StoreError> {
    let sql = "UPDATE account SET given_name = $1, family_name = $2, language = $3 WHERE id = $4";
    tx.execute(sql, values![given, family, language.tag(), id]).map(drop)
}

/// Changes the password's hash.
///
/// # Errors
/// What the database said.
pub fn set_password(tx: &mut Tx<'_>, id: Id, hash: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET password = $1 WHERE id = $2", values![hash, id]).map(drop)
}

/// Changes who sees the page.
///
/// # Errors
/// What the database said.
pub fn set_page(tx: &mut Tx<'_>, id: Id, page: Visibility, chosen: Option<Timestamp>) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET page = $1, page_chosen = $2 WHERE id = $3", values![page.name(), chosen, id]).map(drop)
}

/// Changes whether search engines may list the page.
///
/// # Errors
/// What the database said.
pub fn set_indexed(tx: &mut Tx<'_>, id: Id, indexed: bool) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET indexed = $1 WHERE id = $2", values![indexed, id]).map(drop)
}

/// Changes whether it may be used.
///
/// # Errors
/// What the database said.
pub fn set_state(tx: &mut Tx<'_>, id: Id, state: State) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET state = $1, suspended = NULL WHERE id = $2", values![state.name(), id]).map(drop)
}

/// Suspends an account whose owner is too young; whether it was not before.
///
/// # Errors
/// What the database said.
pub fn suspend(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE account SET state = $1, suspended = $2 WHERE id = $3 AND suspended IS NULL";
    Ok(tx.execute(sql, values![State::UnderAge.name(), now, id])? == 1)
}

/// Accounts that were suspended before a time.
///
/// # Errors
/// What the database said.
pub fn suspended_before(tx: &mut Tx<'_>, before: Timestamp, most: i64) -> Result<Vec<Account>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE suspended <= $1 AND state = 'under_age' ORDER BY suspended LIMIT $2");
    tx.all(&sql, values![before, most])?.iter().map(read).collect()
}

/// Gives a role, or takes it.
///
/// # Errors
/// What the database said.
pub fn set_role(tx: &mut Tx<'_>, id: Id, role: Option<&str>) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET role = $1 WHERE id = $2", values![role, id]).map(drop)
}

/// The accounts that have a role.
///
/// # Errors
/// What the database said.
pub fn with_role(tx: &mut Tx<'_>, role: &str) -> Result<Vec<Account>, StoreError> {
    tx.all(&format!("SELECT {COLUMNS} FROM account WHERE role = $1 ORDER BY id"), values![role])?.iter().map(read).collect()
}

/// Notes that its owner signed in.
///
/// # Errors
/// What the database said.
pub fn note_seen(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE account SET seen = $1, warned = NULL WHERE id = $2", values![now, id]).map(drop)
}

/// When its owner was here last.
///
/// # Errors
/// What the database said.
pub fn last_seen(tx: &mut Tx<'_>, id: Id) -> Result<Option<Timestamp>, StoreError> {
    tx.first("SELECT seen FROM account WHERE id = $1", values![id])?.map(|row| row.get(0)).transpose()
}

/// Accounts with one of these letters in a name or an address, after the one with this id, in the order of their ids.
///
/// # Errors
/// What the database said.
pub fn search(tx: &mut Tx<'_>, words: &str, after: Option<Id>, most: i64) -> Result<Vec<Account>, StoreError> {
    // What is sought is text, and none of its letters stands for others.
    let mut like = String::from("%");
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '!') {
            like.push('!');
        }
        like.push(letter);
    }
    like.push('%');
    let lower = like.to_lowercase();
    // SQLite knows the small letters of Latin alone; of others a name is found as it is written.
    let sql = format!(
        "SELECT {COLUMNS} FROM account WHERE id > $1
             AND (lower(given_name || ' ' || family_name) LIKE $2 ESCAPE '!' OR given_name || ' ' || family_name LIKE $3 ESCAPE '!'
                  OR id IN (SELECT account FROM address WHERE address LIKE $4 ESCAPE '!')) ORDER BY id LIMIT $5"
    );
    tx.all(&sql, values![after.unwrap_or(Id::NIL), &lower, &like, &lower, most])?.iter().map(read).collect()
}

/// Erases an account with all that is its owner's. A tombstone lets a restored backup erase it again.
///
/// # Errors
/// What the database said.
pub fn erase(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<(), StoreError> {
    tombstone::put(tx, tombstone::Kind::Account, id, now)?;
    // Mail about the account says nothing any more. An invitation to one of its addresses is its issuer's, and stays until it is answered.
    tx.execute("DELETE FROM outbox WHERE subject = $1", values![id])?;
    tx.execute("DELETE FROM ticket WHERE subject IN (SELECT id FROM invitation WHERE account = $1)", values![id])?;
    tx.execute("DELETE FROM sent WHERE invitation IN (SELECT id FROM invitation WHERE account = $1)", values![id])?;
    tx.execute("DELETE FROM registration WHERE address IN (SELECT address FROM address WHERE account = $1)", values![id])?;
    let sql = "DELETE FROM entry WHERE lower(address) IN (SELECT address FROM address WHERE account = $1)
                   OR address IN (SELECT shown FROM address WHERE account = $2)";
    tx.execute(sql, values![id, id])?;
    tx.execute("UPDATE invitation SET address = NULL, shown = NULL, name = NULL WHERE account = $1", values![id])?;
    tx.execute("UPDATE award SET holder = NULL, ob3 = NULL, ob2 = NULL, hidden = 1 WHERE holder = $1", values![id])?;
    tx.execute("DELETE FROM ticket WHERE subject = $1", values![id])?;
    identity::erase(tx, id)?;
    session::end_all(tx, id, None)?;
    factor::end_all(tx, id)?;
    for address in addresses(tx, id)? {
        super::request::erase_address(tx, &address.shown, now)?;
        super::message::erase_address(tx, &address.shown, now)?;
        super::subscriber::erase_address(tx, &address.shown, now)?;
        super::staff::erase_address(tx, &address.shown)?;
    }
    super::request::close_erased(tx, now)?;
    super::answered::erase(tx, id)?;
    tx.execute("DELETE FROM staff WHERE account = $1", values![id])?;
    super::share::erase(tx, id)?;
    notice::forget(tx, id)?;
    tx.execute("DELETE FROM address WHERE account = $1", values![id])?;
    tx.execute("DELETE FROM change WHERE feed = $1", values![id])?;
    tx.execute("DELETE FROM feed WHERE id = $1", values![id])?;
    tx.execute("DELETE FROM account WHERE id = $1", values![id]).map(drop)
}

// ---- Addresses ----

/// A verified address.
#[derive(Clone, Debug)]
pub struct Address {
    /// As its owner writes it.
    pub shown: EmailAddress,
    /// Whether mail goes there.
    pub is_main: bool,
    /// When it was verified.
    pub verified: Timestamp,
}

/// The addresses of an account, the main one first.
///
/// # Errors
/// What the database said.
pub fn addresses(tx: &mut Tx<'_>, id: Id) -> Result<Vec<Address>, StoreError> {
    let sql = "SELECT shown, is_main, verified FROM address WHERE account = $1 ORDER BY is_main DESC, verified";
    let read = |row: &Row| {
        let shown: String = row.get(0)?;
        let shown = shown.parse().map_err(|_| StoreError::Failed(String::from("an unreadable address")))?;
        Ok(Address { shown, is_main: row.get(1)?, verified: row.get(2)? })
    };
    tx.all(sql, values![id])?.iter().map(read).collect()
}

/// Gives a verified address to an account; whether nobody held it. The only one is the main one.
///
/// # Errors
/// What the database said.
pub fn add_address(tx: &mut Tx<'_>, id: Id, address: &EmailAddress, main: bool, now: Timestamp) -> Result<bool, StoreError> {
    let main = main || addresses(tx, id)?.is_empty();
    let sql = "INSERT INTO address (address, shown, account, is_main, verified) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (address) DO NOTHING";
    Ok(tx.execute(sql, values![address.normal(), address.as_str(), id, main, now])? == 1)
}

/// Gives a verified address of one account to another.
///
/// # Errors
/// What the database said.
pub fn move_address(tx: &mut Tx<'_>, address: &EmailAddress, to: Id) -> Result<(), StoreError> {
    let main = addresses(tx, to)?.is_empty();
    let sql = "UPDATE address SET account = $1, is_main = $2 WHERE address = $3";
    tx.execute(sql, values![to, main, address.normal()]).map(drop)
}

/// Whether an account has verified this address.
///
/// # Errors
/// What the database said.
pub fn holds(tx: &mut Tx<'_>, id: Id, normal: &str) -> Result<bool, StoreError> {
    Ok(tx.number("SELECT count(*) FROM address WHERE account = $1 AND address = $2", values![id, normal])? > 0)
}

/// Notes that an address was verified once more.
///
/// # Errors
/// What the database said.
pub fn note_verified(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("UPDATE address SET verified = $1 WHERE address = $2", values![now, address.normal()]).map(drop)
}

/// Has mail go to this address of an account; whether it holds it.
///
/// # Errors
/// What the database said.
pub fn set_main(tx: &mut Tx<'_>, id: Id, address: &EmailAddress) -> Result<bool, StoreError> {
    if !holds(tx, id, address.normal())? {
        return Ok(false);
    }
    tx.execute("UPDATE address SET is_main = 0 WHERE account = $1", values![id])?;
    let sql = "UPDATE address SET is_main = 1 WHERE account = $1 AND address = $2";
    Ok(tx.execute(sql, values![id, address.normal()])? == 1)
}

/// Takes an address from an account; whether it held it. Of several, one stays the main one.
///
/// # Errors
/// What the database said.
pub fn remove_address(tx: &mut Tx<'_>, id: Id, address: &EmailAddress) -> Result<bool, StoreError> {
    let sql = "DELETE FROM address WHERE account = $1 AND address = $2";
    let removed = tx.execute(sql, values![id, address.normal()])? == 1;
    let left = addresses(tx, id)?;
    if let Some(first) = left.first().filter(|first| !first.is_main) {
        set_main(tx, id, &first.shown)?;
    }
    Ok(removed)
}

// ---- Registrations ----

/// Somebody who registers, until the address is verified.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its id.
    pub id: Id,
    /// The address to verify.
    pub address: EmailAddress,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    pub birth_date: BirthDate,
    /// The hash of the password.
    pub password: String,
    /// The language.
    pub language: Language,
    /// The role that the invitation to register gives.
    pub role: Option<String>,
    /// The invitation to a badge through which it came.
    pub invitation: Option<Id>,
    /// The invitation to register through which it came.
    pub entry: Option<Id>,
    /// Until when it is kept.
    pub expires: Timestamp,
}

/// Keeps a registration.
///
/// # Errors
/// What the database said.
pub fn register(tx: &mut Tx<'_>, it: &Registration, now: Timestamp) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO registration (id, address, shown, given_name, family_name, birth_date, password, language, role, invitation,
                   entry, created, expires)
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    let given = values![
        it.id,
        it.address.normal(),
        it.address.as_str(),
        &it.given_name,
        &it.family_name,
        it.birth_date.to_stored(),
        &it.password,
        it.language.tag(),
        it.role.as_ref(),
        it.invitation,
        it.entry,
        now,
        it.expires
    ];
    tx.execute(sql, given).map(drop)
}

/// The registrations of an address that wait to be verified, the newest first.
///
/// # Errors
/// What the database said.
pub fn registrations(tx: &mut Tx<'_>, address: &EmailAddress, now: Timestamp, most: i64) -> Result<Vec<Id>, StoreError> {
    let sql = "SELECT id FROM registration WHERE address = $1 AND expires > $2 ORDER BY id DESC LIMIT $3";
    tx.all(sql, values![address.normal(), now, most])?.iter().map(|row| row.get(0)).collect()
}

/// The registration with this id.
///
/// # Errors
/// What the database said.
pub fn registration(tx: &mut Tx<'_>, id: Id) -> Result<Option<Registration>, StoreError> {
    let sql = "SELECT id, shown, given_name, family_name, birth_date, password, language, role, invitation, entry, expires
               FROM registration WHERE id = $1";
    let Some(row) = tx.first(sql, values![id])? else { return Ok(None) };
    let broken = || StoreError::Failed(String::from("an unreadable registration"));
    Ok(Some(Registration {
        id: row.get(0)?,
        address: row.get::<String>(1)?.parse().map_err(|_| broken())?,
        given_name: row.get(2)?,
        family_name: row.get(3)?,
        birth_date: BirthDate::from_stored(&row.get::<String>(4)?).ok_or_else(broken)?,
        password: row.get(5)?,
        language: Language::of_locale(&row.get::<String>(6)?),
        role: row.get(7)?,
        invitation: row.get(8)?,
        entry: row.get(9)?,
        expires: row.get(10)?,
    }))
}

/// Erases what is known of an address that was not verified.
///
/// # Errors
/// What the database said.
pub fn drop_registrations(tx: &mut Tx<'_>, address: &EmailAddress) -> Result<(), StoreError> {
    let sql = "DELETE FROM shown WHERE subject IN (SELECT id FROM registration WHERE address = $1)";
    tx.execute(sql, values![address.normal()])?;
    tx.execute("DELETE FROM registration WHERE address = $1", values![address.normal()]).map(drop)
}

/// Erases registrations that were not verified in time.
///
/// # Errors
/// What the database said.
pub fn prune(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM shown WHERE subject IN (SELECT id FROM registration WHERE expires < $1)", values![now])?;
    tx.execute("DELETE FROM registration WHERE expires < $1", values![now])?;
    tx.execute("DELETE FROM entry WHERE expires < $1", values![now]).map(drop)
}

// ---- Invitations to register ----

/// An invitation to register, by the operator.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// The address that it was sent to; none for the link of the first start.
    pub address: Option<EmailAddress>,
    /// The role that it gives.
    pub role: Option<String>,
    /// Until when it holds.
    pub expires: Timestamp,
    /// When it was used.
    pub used: Option<Timestamp>,
}

/// Keeps an invitation to register.
///
/// # Errors
/// What the database said.
pub fn invite(tx: &mut Tx<'_>, entry: &Entry, language: Language, now: Timestamp) -> Result<(), StoreError> {
    let sql = "INSERT INTO entry (id, address, role, language, created, expires) VALUES ($1, $2, $3, $4, $5, $6)";
    let address = entry.address.as_ref().map(EmailAddress::as_str);
    tx.execute(sql, values![entry.id, address, entry.role.as_ref(), language.tag(), now, entry.expires]).map(drop)
}

/// The invitation to register with this id.
///
/// # Errors
/// What the database said.
pub fn entry(tx: &mut Tx<'_>, id: Id) -> Result<Option<Entry>, StoreError> {
    let sql = "SELECT id, address, role, expires, used FROM entry WHERE id = $1";
    let Some(row) = tx.first(sql, values![id])? else { return Ok(None) };
    let address = row.get::<Option<String>>(1)?.and_then(|text| text.parse().ok());
    Ok(Some(Entry { id: row.get(0)?, address, role: row.get(2)?, expires: row.get(3)?, used: row.get(4)? }))
}

/// Has the links of the first start open nothing any more: there is an operator now.
///
/// # Errors
/// What the database said.
pub fn close_first_start(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM entry WHERE address IS NULL AND role = 'operator' AND used IS NULL", &[]).map(drop)
}

/// Uses an invitation to register; whether it could be.
///
/// # Errors
/// What the database said.
pub fn use_entry(tx: &mut Tx<'_>, id: Id, now: Timestamp) -> Result<bool, StoreError> {
    Ok(tx.execute("UPDATE entry SET used = $1 WHERE id = $2 AND used IS NULL", values![now, id])? == 1)
}
