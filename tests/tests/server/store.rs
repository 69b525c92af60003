//! One suite for the store, run on SQLite and on a real PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use satchel_protocol::feed::{Cursor, Kind};
use satchel_protocol::scope::Scope;
use satchel_protocol::{Code, Id, Problem};
use satchel_server::random::{self, Secret};
use satchel_server::store::device::Refresh;
use satchel_server::store::{Error, Place, Store, StoreError, attempt, device, feed, outbox, ticket};
use satchel_server::values;
use satchel_tests::postgres::Postgres;
use satchel_tests::shell::Folder;
use tokio::runtime::Runtime;

/// The store under test, and a second door to the same database, as another program or replica has it.
struct Stores {
    runtime: Runtime,
    one: Arc<Store>,
    other: Arc<Store>,
}

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn id() -> Id {
    random::id(now())
}

type Case = (&'static str, fn(&Stores));

const SUITE: [Case; 12] = [
    ("what was written is read by everybody", what_was_written_is_read_by_everybody),
    ("what is refused leaves nothing behind", what_is_refused_leaves_nothing_behind),
    ("a panic undoes its own work and no other", a_panic_undoes_its_own_work_and_no_other),
    ("values come back as they went in", values_come_back_as_they_went_in),
    ("texts are ordered by their bytes", texts_are_ordered_by_their_bytes),
    ("a key that is taken is told", a_key_that_is_taken_is_told),
    ("parameters out of order are refused", parameters_out_of_order_are_refused),
    ("a feed has no gaps whoever writes at once", a_feed_has_no_gaps_whoever_writes_at_once),
    ("a reader from before the cut is told", a_reader_from_before_the_cut_is_told),
    ("a link is used once and a mail is taken once", a_link_is_used_once_and_a_mail_is_taken_once),
    ("a refresh token works once, and again within a minute", a_refresh_token_works_once_and_again_within_a_minute),
    ("tries are counted within their window", tries_are_counted_within_their_window),
];

fn run(place: &Place) {
    let runtime = Runtime::new().unwrap();
    let one = Arc::new(runtime.block_on(Store::open(place)).unwrap());
    let other = Arc::new(runtime.block_on(Store::open(place)).unwrap());
    let stores = Stores { runtime, one, other };
    for (name, case) in SUITE {
        eprintln!("{}: {name}", stores.one.kind());
        case(&stores);
    }
}

#[test]
fn the_suite_holds_on_sqlite() {
    let folder = Folder::new();
    run(&Place::Sqlite(folder.at("server.db")));
}

#[test]
fn the_suite_holds_on_postgresql() {
    let server = Postgres::start();
    run(&Place::Postgres { url: server.url(), authority: None });
}

#[test]
fn the_connection_to_postgresql_is_encrypted_and_its_certificate_checked() {
    let server = Postgres::start_tls();
    let open = |url: String, authority: Option<&str>| {
        let authority = authority.map(|name| satchel_tests::data::path(&format!("tls/{name}")));
        let runtime = Runtime::new().unwrap();
        let opened = runtime.block_on(Store::open(&Place::Postgres { url, authority }));
        opened.map(|store| {
            let sql = "SELECT CASE WHEN ssl THEN 1 ELSE 0 END::bigint FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
            runtime.block_on(store.read(move |tx| Ok(tx.number(sql, &[])?))).unwrap()
        })
    };
    assert_eq!(open(server.url_at_port(), Some("ca.pem")), Ok(1));
    for (why, url, authority) in [
        ("nobody known vouches for it", server.url_at_port(), Some("other-ca.pem")),
        ("the system's authorities do not either", format!("{}?sslmode=require", server.url_at_port()), None),
        ("in the clear it is not let in", format!("{}?sslmode=disable", server.url_at_port()), None),
    ] {
        assert!(open(url, authority).is_err(), "{why}");
    }
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let folder = Folder::new();
    let place = Place::Sqlite(folder.at("server.db"));
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(&place)).unwrap();
    let write = store.write(|tx| Ok(tx.execute("INSERT INTO migration (number) VALUES ($1)", values![99_i64])?));
    runtime.block_on(write).unwrap();
    drop(store);
    let again = runtime.block_on(Store::open(&place));
    assert!(matches!(again.err(), Some(StoreError::Newer { found: 99, .. })));
}

impl Stores {
    fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut satchel_server::store::Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.runtime.block_on(self.one.write(work))
    }

    fn read<T: Send + 'static>(
        &self,
        work: impl Fn(&mut satchel_server::store::Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.runtime.block_on(self.other.read(work))
    }

    fn meta(&self, name: &'static str) -> Option<Vec<u8>> {
        let found = self.read(move |tx| Ok(tx.first("SELECT value FROM meta WHERE name = $1", values![name])?));
        found.unwrap().map(|row| row.get(0).unwrap())
    }
}

fn put(tx: &mut satchel_server::store::Tx<'_>, name: &str, value: &[u8]) -> Result<(), Error> {
    tx.execute("INSERT INTO meta (name, value) VALUES ($1, $2)", values![name, value])?;
    Ok(())
}

fn what_was_written_is_read_by_everybody(stores: &Stores) {
    stores.write(|tx| put(tx, "written", b"yes")).unwrap();
    assert_eq!(stores.meta("written"), Some(b"yes".to_vec()));
}

fn what_is_refused_leaves_nothing_behind(stores: &Stores) {
    let refused = stores.write(|tx| {
        put(tx, "refused", b"no")?;
        Err::<(), _>(Problem::bare(Code::Conflict).into())
    });
    assert_eq!(refused, Err(Error::Problem(Problem::bare(Code::Conflict))));
    let broken = stores.write(|tx| {
        put(tx, "refused", b"no")?;
        tx.execute("INSERT INTO no_such_table VALUES ($1)", values![1_i64])?;
        Ok(())
    });
    assert!(matches!(broken, Err(Error::Store(StoreError::Failed(_)))), "{broken:?}");
    assert_eq!(stores.meta("refused"), None);
    let reading = stores.read(|tx| put(tx, "refused", b"no"));
    assert!(matches!(reading, Err(Error::Store(StoreError::Failed(_)))), "{reading:?}");
}

fn a_panic_undoes_its_own_work_and_no_other(stores: &Stores) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outcome = stores.runtime.block_on(async {
        let good = stores.one.write(|tx| put(tx, "good", b"1"));
        let bad = stores.one.write(|tx| {
            put(tx, "bad", b"1")?;
            assert!(tx.all("SELECT 1", &[])?.is_empty(), "on purpose");
            Ok(())
        });
        tokio::join!(good, bad)
    });
    std::panic::set_hook(hook);
    assert_eq!(outcome.0, Ok(()));
    assert!(matches!(outcome.1, Err(Error::Store(StoreError::Failed(_)))), "{:?}", outcome.1);
    assert_eq!((stores.meta("good").is_some(), stores.meta("bad")), (true, None));
}

fn values_come_back_as_they_went_in(stores: &Stores) {
    let subject = id();
    let row = stores.write(move |tx| {
        let sql = "INSERT INTO ticket (hash, kind, subject, address, created, expires, used) VALUES ($1, $2, $3, $4, $5, $6, $7)
                   RETURNING hash, kind, subject, address, created, used";
        let none: Option<i64> = None;
        Ok(tx.first(sql, values![[7; 32], "Zoë 用户", subject, none.map(|_| "x"), now(), i64::MAX, none])?.unwrap())
    });
    let row = row.unwrap();
    assert_eq!(row.get::<[u8; 32]>(0).unwrap(), [7; 32]);
    assert_eq!(row.get::<String>(1).unwrap(), "Zoë 用户");
    assert_eq!(row.get::<Id>(2).unwrap(), subject);
    assert_eq!(row.get::<Option<String>>(3).unwrap(), None);
    assert_eq!(row.get::<Timestamp>(4).unwrap(), now());
    assert_eq!(row.get::<Option<i64>>(5).unwrap(), None);
    assert!(row.get::<String>(4).is_err(), "a number is no text");
    assert!(row.get::<String>(9).is_err(), "there is no such column");
}

fn texts_are_ordered_by_their_bytes(stores: &Stores) {
    let names = ["a", "B", "é", "z", "Z", "_"];
    stores.write(move |tx| names.iter().try_for_each(|name| put(tx, &format!("order {name}"), b""))).unwrap();
    let found = stores.read(|tx| {
        let rows = tx.all("SELECT name FROM meta WHERE name LIKE $1 ORDER BY name", values!["order %"])?;
        rows.iter().map(|row| Ok(row.get::<String>(0)?)).collect::<Result<Vec<_>, Error>>()
    });
    let mut expected = names.map(|name| format!("order {name}"));
    expected.sort();
    assert_eq!(found.unwrap(), expected);
}

fn a_key_that_is_taken_is_told(stores: &Stores) {
    stores.write(|tx| put(tx, "taken", b"1")).unwrap();
    assert_eq!(stores.write(|tx| put(tx, "taken", b"2")), Err(StoreError::Exists.into()));
    assert_eq!(stores.meta("taken"), Some(b"1".to_vec()));
}

fn parameters_out_of_order_are_refused(stores: &Stores) {
    // PostgreSQL goes by the numbers and needs no order; that SQLite refuses keeps such a query out of both.
    if stores.one.kind() == "sqlite" {
        let swapped = stores.read(|tx| Ok(tx.all("SELECT value FROM meta WHERE name = $2 OR name = $1", values!["a", "b"])?));
        assert!(matches!(swapped, Err(Error::Store(StoreError::Failed(_)))), "{swapped:?}");
    }
}

fn a_feed_has_no_gaps_whoever_writes_at_once(stores: &Stores) {
    let (first, second) = (id(), id());
    let runs = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { &stores.one } else { &stores.other });
            // Named in either order: they are locked in one.
            let feeds = if number % 3 == 0 { [second, first] } else { [first, second] };
            let runs = Arc::clone(&runs);
            stores.runtime.spawn(async move {
                let write = store.write(move |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    feed::append(tx, &feeds, Kind::Award, feeds[0], now())?;
                    // Every fifth is refused at the end, and must leave no hole.
                    if number % 5 == 4 { Err(Code::Conflict.into()) } else { Ok(()) }
                });
                write.await
            })
        })
        .collect();
    for (number, task) in tasks.into_iter().enumerate() {
        let outcome = stores.runtime.block_on(task).unwrap();
        assert_eq!(outcome.is_ok(), number % 5 != 4, "{number}: {outcome:?}");
    }
    assert!(runs.load(Ordering::Relaxed) >= 40);
    for feed_id in [first, second] {
        let records = stores.read(move |tx| feed::since(tx, feed_id, Cursor(0), 100)).unwrap();
        assert!(records.iter().map(|record| record.seq).eq(1..=32), "{records:?}");
    }
    let rest = stores.read(move |tx| feed::since(tx, first, Cursor(30), 100)).unwrap();
    assert_eq!(rest.len(), 2);
}

fn a_reader_from_before_the_cut_is_told(stores: &Stores) {
    let (subject, mine) = (id(), id());
    let later = now() + SignedDuration::from_hours(1);
    let changes = stores.write(move |tx| {
        for at in [now(), now(), later] {
            feed::append(tx, &[mine], Kind::Profile, subject, at)?;
        }
        Ok(feed::cut(tx, later)?)
    });
    assert!(changes.unwrap() >= 2);
    let since = |cursor| stores.read(move |tx| feed::since(tx, mine, Cursor(cursor), 10));
    assert_eq!(since(1), Err(Code::Resync.into()));
    assert_eq!(since(2).unwrap().iter().map(|it| it.seq).collect::<Vec<_>>(), [3]);
    assert_eq!(since(4), Err(Code::Resync.into()), "of another feed, or of a database that was restored");
}

fn a_link_is_used_once_and_a_mail_is_taken_once(stores: &Stores) {
    let subject = id();
    let expires = now() + SignedDuration::from_mins(30);
    let secret = stores.write(move |tx| Ok(ticket::issue(tx, ticket::Kind::Reset, subject, None, now(), expires)?)).unwrap();
    let redeem = |at: Timestamp| {
        let secret = secret.clone();
        stores.write(move |tx| Ok(ticket::redeem(tx, &secret, at)?)).unwrap()
    };
    assert_eq!([redeem(expires), redeem(now()), redeem(now())], [false, true, false]);
    let other = secret.clone();
    let kind = stores.read(move |tx| Ok(ticket::find(tx, ticket::Kind::Claim, &other)?)).unwrap();
    assert!(kind.is_none(), "a link of one kind opens nothing of another");

    let letters = 12;
    stores
        .write(move |tx| {
            for _ in 0..letters {
                let address = "ada@example.org".parse().unwrap();
                outbox::put(
                    tx,
                    random::id(now()),
                    outbox::Kind::Claim,
                    subject,
                    &address,
                    satchel_protocol::Language::Italian,
                    now(),
                )?;
            }
            Ok(())
        })
        .unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { &stores.one } else { &stores.other });
            let take = async move {
                store.write(|tx| Ok(outbox::take(tx, outbox::Lane::Claims, now(), SignedDuration::from_mins(1))?)).await
            };
            stores.runtime.spawn(take)
        })
        .collect();
    let mut taken: Vec<Id> =
        tasks.into_iter().filter_map(|task| stores.runtime.block_on(task).unwrap().unwrap()).map(|it| it.id).collect();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), letters);
}

fn tries_are_counted_within_their_window(stores: &Stores) {
    let count = |seconds: i64| {
        let at = now() + SignedDuration::from_secs(seconds);
        stores.write(move |tx| Ok(attempt::count(tx, [9; 32], 60, at)?)).unwrap()
    };
    assert_eq!([count(0), count(1), count(59), count(60), count(61)], [1, 2, 3, 1, 2]);
}

fn a_refresh_token_works_once_and_again_within_a_minute(stores: &Stores) {
    let (client, account, key) = (id(), id(), [7; 32]);
    let code = device::Code {
        client,
        account,
        scopes: [Scope::Wallet].into_iter().collect(),
        redirect: String::from("http://127.0.0.1/back"),
        challenge: [1; 32],
        expires: now() + device::CODE,
        device: None,
    };
    let first = stores.write(move |tx| {
        let secret = device::put_code(tx, &code)?;
        let it = device::new(&code, "Program", now());
        assert!(device::redeem(tx, &secret, &it)? && !device::redeem(tx, &secret, &it)?);
        Ok(device::first_tokens(tx, it.id, now())?.refresh)
    });
    let first = first.unwrap();
    let look = |token: &Secret, seconds: i64| {
        let (token, at) = (token.clone(), now() + SignedDuration::from_secs(seconds));
        let looked = stores.write(move |tx| {
            Ok(match device::by_refresh(tx, &token, at)? {
                Refresh::Unknown => "unknown",
                Refresh::Good(_) => "good",
                Refresh::Reused(_) => "reused",
            })
        });
        looked.unwrap()
    };
    let rotate = |token: &Secret, seconds: i64| {
        let (token, at) = (token.clone(), now() + SignedDuration::from_secs(seconds));
        let rotated = stores.write(move |tx| {
            let Refresh::Good(it) = device::by_refresh(tx, &token, at)? else { panic!("not good") };
            Ok(device::rotate(tx, &key, &token, it.id, at)?.refresh)
        });
        rotated.unwrap()
    };
    assert_eq!((look(&first, 0), look(&Secret::new(), 0)), ("good", "unknown"));
    let second = rotate(&first, 100);
    assert_ne!(first, second);
    assert_eq!((look(&first, 160), look(&first, 161), look(&second, 161)), ("good", "reused", "good"));
    assert_eq!(rotate(&first, 130), second, "the answer that was lost comes again");
    let third = rotate(&second, 140);
    assert_eq!((look(&first, 141), look(&second, 141), look(&third, 141)), ("reused", "good", "good"));
    // Nobody who used it in ninety days is signed in.
    assert_eq!(look(&third, 140 + 90 * 24 * 3600), "unknown");
    stores.write(move |tx| Ok(device::end_all(tx, account)?)).unwrap();
    assert_eq!((look(&third, 141), look(&first, 141)), ("unknown", "unknown"));
}

#[test]
fn both_databases_have_the_same_tables_so_that_one_backup_fits_both() {
    let (folder, server) = (Folder::new(), Postgres::start());
    let runtime = Runtime::new().unwrap();
    let tables = |place: Place| {
        let store = runtime.block_on(Store::open(&place)).unwrap();
        runtime.block_on(store.read(|tx| Ok(satchel_server::store::copy::tables(tx)?))).unwrap()
    };
    let sqlite = tables(Place::Sqlite(folder.at("server.db")));
    assert_eq!(sqlite, tables(Place::Postgres { url: server.url(), authority: None }));
    assert!(sqlite.len() > 20 && sqlite.iter().all(|table| !table.key.is_empty()));
}
