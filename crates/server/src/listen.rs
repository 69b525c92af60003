//! Connections: so many at a time, of which one network has a share, each with a limit on how long its reader or writer may keep it waiting.
//! A visitor who sends a byte a minute, or never reads the answer, is hung up on.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::Sleep;

use crate::visitor::network;

/// Files that a server has open besides its connections, with room to spare: the database and its journal, mail that leaves, pictures.
const OTHERS: u64 = 256;

/// How long the head of a request may take, and a connection may be open without one.
const HEAD: Duration = Duration::from_secs(15);

/// How long a visitor may take no byte of an answer.
const STALL: Duration = Duration::from_secs(30);

/// One network has a quarter of the connections, and never fewer than this.
const FEWEST: usize = 8;

/// How many connections there are at a time.
pub struct Room {
    /// Of all together; more wait in the system's queue.
    pub all: usize,
    /// Of one network, an IPv4 address or 2^64 of IPv6; more are hung up on.
    pub each: usize,
    /// Those who have no such share, for they speak for others: proxies.
    pub trusted: Vec<IpAddr>,
}

impl Room {
    /// Room for so many, with the usual share.
    pub fn shared(all: usize, trusted: Vec<IpAddr>) -> Self {
        Self { all, each: (all / 4).max(FEWEST), trusted }
    }
}

/// How many connections each network has.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<String, usize>>>);

/// One of them, until it is dropped.
struct Place {
    peers: Peers,
    of: String,
}

impl Peers {
    /// One connection more, unless that are too many.
    fn place(&self, peer: IpAddr, room: &Room) -> Option<Place> {
        let of = network(peer);
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let many = held.get(&of).copied().unwrap_or_default();
        if many >= room.each && !room.trusted.contains(&peer.to_canonical()) {
            return None;
        }
        held.insert(of.clone(), many + 1);
        Some(Place { peers: self.clone(), of })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = held.get(&self.of).copied().unwrap_or_default().saturating_sub(1);
        if left == 0 {
            held.remove(&self.of);
        } else {
            held.insert(self.of.clone(), left);
        }
    }
}

/// How many connections there is room for: as many as are wished, or as the system lets this program have files open. What the system gives
/// for the asking is asked for.
pub fn room(wished: usize) -> usize {
    let Some(files) = files() else { return wished };
    let others = OTHERS.min(files / 2);
    usize::try_from(files - others).unwrap_or(usize::MAX).clamp(1, wished.max(1))
}

/// How many files this program may have open.
#[cfg(unix)]
pub fn files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let Rlimit { current: Some(current), maximum } = limit else { return None };
    if maximum.is_none_or(|maximum| maximum > current) {
        // Many systems give few files to programs that do not ask, and many to those that do.
        let wished = Rlimit { current: maximum.or(Some(1 << 20)), maximum };
        if setrlimit(Resource::Nofile, wished).is_ok() {
            return wished.current;
        }
    }
    Some(current)
}

#[cfg(not(unix))]
pub fn files() -> Option<u64> {
    None
}

/// Answers until told to stop, so many at a time. Then finishes the requests that are under way.
pub async fn serve(listener: TcpListener, router: Router, room: Room, stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(room.all));
    let peers = Peers::default();
    let mut open = JoinSet::new();
    let mut told = stop.clone();
    let mut told = pin!(told.wait_for(|stop| *stop));
    loop {
        let place = tokio::select! {
            _ = &mut told => break,
            place = Arc::clone(&places).acquire_owned() => place,
        };
        let Ok(place) = place else { break };
        let (stream, peer) = tokio::select! {
            _ = &mut told => break,
            accepted = accept(&listener) => accepted,
        };
        let Some(own) = peers.place(peer.ip(), &room) else { continue };
        let (router, stop) = (router.clone(), stop.clone());
        open.spawn(async move {
            answer(stream, peer, router, stop).await;
            drop((own, place));
        });
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

/// The next connection. One that is gone before it is taken is nobody's loss; when the system can open no more, it is asked again soon.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

async fn answer(stream: TcpStream, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>) {
    // Small answers leave at once; where the system refuses, they leave a little later.
    drop(stream.set_nodelay(true));
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        call(&router, request)
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut connection = pin!(http.serve_connection(TokioIo::new(Patient::new(stream)), service));
    let told = async { drop(stop.wait_for(|stop| *stop).await) };
    // That a visitor went away or wrote no HTTP is nothing to tell.
    tokio::select! {
        ended = connection.as_mut() => return drop(ended),
        () = told => connection.as_mut().graceful_shutdown(),
    }
    drop(connection.await);
}

fn call(
    router: &TowerToHyperService<Router>,
    request: Request<Incoming>,
) -> impl Future<Output = Result<Response, Infallible>> + use<> {
    router.call(request)
}

/// A stream whose other end must take what is written to it.
struct Patient {
    stream: TcpStream,
    /// Runs while a write waits.
    limit: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream) -> Self {
        Self { stream, limit: None }
    }

    fn within<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.limit = None;
            return written;
        }
        let limit = self.limit.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALL)));
        ready!(limit.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.within(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
