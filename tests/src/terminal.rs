//! A program in a terminal, where somebody answers what it asks for without showing it, such as a passphrase.

use std::process::{Command, Stdio};

/// Starts a program in a terminal of its own (`pty`), and types each answer once it is asked for and the terminal shows nothing of what is typed.
const SCRIPT: &str = r#"
import json, os, pty, select, signal, sys, termios
prompt, answers, program = sys.argv[1].encode(), json.loads(sys.argv[2]), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(program[0], program)
said, given, ended = b"", 0, False
while not ended:
    if select.select([terminal], [], [], 0.01)[0]:
        try:
            said += os.read(terminal, 65536)
        except OSError:
            ended = True
    asked = said.count(prompt)
    if ended or asked <= given:
        continue
    if given == len(answers):
        os.kill(pid, signal.SIGKILL)
        said += b"[asked once more]"
        break
    if not termios.tcgetattr(terminal)[3] & termios.ECHO:
        os.write(terminal, answers[given].encode() + b"\n")
        given += 1
status = os.waitpid(pid, 0)[1]
sys.stdout.buffer.write(said)
sys.exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 99)
"#;

/// The exit status of a program that asks with this prompt and is given these answers, and all that was on the terminal. One that asks once more than
/// that is ended, with status 99.
pub fn answers(program: &Command, prompt: &str, answers: &[&str]) -> (i32, String) {
    let mut python = Command::new("python3");
    python.args(["-c", SCRIPT, prompt]).arg(serde_json::json!(answers).to_string()).arg(program.get_program());
    python.args(program.get_args()).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => python.env(name, value),
            None => python.env_remove(name),
        };
    }
    let out = python.output().unwrap();
    (out.status.code().unwrap_or(-1), String::from_utf8_lossy(&out.stdout).into_owned())
}
