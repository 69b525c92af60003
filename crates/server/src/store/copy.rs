//! The whole database, a row at a time: for backups, which are the same whatever database they come from (`admin/backup.rs`). Its
//! catalogue is the one thing that the two databases tell in different words.

use jiff::Timestamp;

use super::{Error, StoreError, Tx, Value};
use crate::values;

pub use super::migrate::{KNOWN, run, run_to, version};

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// Those of its primary key.
    pub key: Vec<String>,
}

/// The tables, but for that of the migrations.
///
/// # Errors
/// What the database said.
pub fn tables(tx: &mut Tx<'_>) -> Result<Vec<Table>, StoreError> {
    let sqlite = "SELECT t.name, c.name, c.pk FROM pragma_table_list t, pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid";
    let postgres = "SELECT c.table_name::text, c.column_name::text, coalesce(k.place, 0)::bigint
        FROM information_schema.columns c
        JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
        LEFT JOIN (SELECT u.table_schema, u.table_name, u.column_name, u.ordinal_position AS place
                   FROM information_schema.key_column_usage u
                   JOIN information_schema.table_constraints p ON p.constraint_schema = u.constraint_schema
                       AND p.constraint_name = u.constraint_name AND p.table_name = u.table_name
                   WHERE p.constraint_type = 'PRIMARY KEY') k
            ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name
        WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
            AND c.data_type IN ('bigint', 'text', 'bytea')
        ORDER BY c.table_name::text COLLATE \"C\", c.ordinal_position";
    let rows = tx.all(if tx.is_postgres() { postgres } else { sqlite }, &[])?;
    let mut found: Vec<Table> = Vec::new();
    let mut places = Vec::new();
    for row in rows {
        let (name, column, place): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if found.last().is_none_or(|table| table.name != name) {
            found.push(Table { name: name.clone(), columns: Vec::new(), key: Vec::new() });
        }
        if place > 0 {
            places.push((name, place, column.clone()));
        }
        if let Some(table) = found.last_mut() {
            table.columns.push(column);
        }
    }
    places.sort();
    for table in &mut found {
        table.key = places.iter().filter(|(name, ..)| *name == table.name).map(|(.., column)| column.clone()).collect();
    }
    found.retain(|table| table.name != "migration");
    // One without a key is ordered by all that it has.
    for table in found.iter_mut().filter(|table| table.key.is_empty()) {
        table.key.clone_from(&table.columns);
    }
    Ok(found)
}

/// Rows in the order of their keys, after the one with this key.
///
/// # Errors
/// What the database said.
pub fn page(tx: &mut Tx<'_>, table: &Table, after: Option<&[Value]>, most: i64) -> Result<Vec<Vec<Value>>, StoreError> {
    let (columns, key) = (table.columns.join(", "), table.key.join(", "));
    let mut given = after.map_or_else(Vec::new, <[Value]>::to_vec);
    let from = if after.is_some() { format!("WHERE ({key}) > ({})", places(1, given.len())) } else { String::new() };
    given.push(Value::Int(most));
    let name = &table.name;
    let rows = tx.all(&format!("SELECT {columns} FROM {name} {from} ORDER BY {key} LIMIT ${}", given.len()), &given)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// How many rows a table has.
///
/// # Errors
/// What the database said.
pub fn count(tx: &mut Tx<'_>, table: &Table) -> Result<i64, StoreError> {
    tx.number(&format!("SELECT count(*) FROM {}", table.name), &[])
}

/// The key of a row.
pub fn key_of(table: &Table, row: &[Value]) -> Vec<Value> {
    let place = |column: &String| table.columns.iter().position(|known| known == column);
    table.key.iter().filter_map(place).filter_map(|at| row.get(at).cloned()).collect()
}

fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Puts rows into a table.
///
/// # Errors
/// What the database said.
pub fn insert(tx: &mut Tx<'_>, table: &Table, rows: &[Vec<Value>]) -> Result<(), StoreError> {
    let width = table.columns.len();
    let groups: Vec<String> = (0..rows.len()).map(|at| format!("({})", places(1 + at * width, width))).collect();
    let sql = format!("INSERT INTO {} ({}) VALUES {}", table.name, table.columns.join(", "), groups.join(", "));
    tx.execute(&sql, &rows.concat()).map(drop)
}

/// Empties these tables: migrations may have put something there.
///
/// # Errors
/// What the database said.
pub fn empty(tx: &mut Tx<'_>, tables: &[Table]) -> Result<(), StoreError> {
    tables.iter().try_for_each(|table| tx.execute(&format!("DELETE FROM {}", table.name), &[]).map(drop))
}

/// Removes all tables.
///
/// # Errors
/// What the database said.
pub fn drop_all(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let mut names: Vec<String> = tables(tx)?.into_iter().map(|table| table.name).collect();
    names.push(String::from("migration"));
    names.iter().try_for_each(|name| tx.batch(&format!("DROP TABLE IF EXISTS {name};")))
}

/// Whether it has what somebody would miss: an issuer or an account.
///
/// # Errors
/// What the database said.
pub fn is_in_use(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    if !tables(tx)?.iter().any(|table| table.name == "account") {
        return Ok(false);
    }
    Ok(tx.number("SELECT (SELECT count(*) FROM account) + (SELECT count(*) FROM issuer)", &[])? > 0)
}

/// How many other programs of ours are connected; on SQLite the lock beside the file tells that.
///
/// # Errors
/// What the database said.
pub fn others(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    if !tx.is_postgres() {
        return Ok(0);
    }
    tx.number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'satchel'
             AND pid <> pg_backend_pid()",
        &[],
    )
}

/// Tables of which nothing comes back: what opens something now, or once.
const OVER: [&str; 10] =
    ["session", "session_login", "departure", "arrival", "device", "code", "token", "recovery", "registration", "nonce"];

/// What a restored database must not bring back: whatever opened something then (sessions, programs, codes, links that work once), counts
/// on numbers that wallets have read past, or would send a mail that somebody waited for long ago.
///
/// # Errors
/// What the database said.
pub fn after_restore(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Error> {
    for table in tables(tx)?.iter().filter(|table| OVER.contains(&table.name.as_str())) {
        tx.execute(&format!("DELETE FROM {}", table.name), &[])?;
    }
    // Which tokens of systems were ended since, nothing here tells: all are. Their messages left then, or are of no use to whoever is ended.
    tx.execute("UPDATE proposer SET ended = $1 WHERE ended IS NULL", values![now])?;
    tx.execute("DELETE FROM hook", &[])?;
    // A link of an invitation leads to a decision, and may lead to it again.
    tx.execute("DELETE FROM ticket WHERE kind <> 'claim'", &[])?;
    // An invitation that had not left by then leaves anew, with a link that leads somewhere.
    tx.execute("DELETE FROM outbox WHERE kind NOT IN ('claim', 'join')", &[])?;
    // Whoever came after the backup is known no more: nobody is erased who was not told since.
    tx.execute("UPDATE account SET warned = NULL", &[])?;
    // A new epoch: whoever read a feed before reads all of it again, for every number from before lies before the cut. Numbers of feeds
    // are below that of the microseconds since 1970, and so is what an earlier restore made of them.
    tx.execute("DELETE FROM change", &[])?;
    tx.execute("DELETE FROM feed", &[])?;
    let sql = "INSERT INTO feed (id, head, cut) SELECT id, $1, $2 FROM (SELECT id FROM account UNION SELECT id FROM issuer) AS all_of_them";
    tx.execute(sql, values![now, now])?;
    Ok(())
}
