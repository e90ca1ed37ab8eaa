//! A folder with saves in it, and the built binary.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use save_parsing::TOOL_VERSION;

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_gantry-save-parsing");

pub(crate) const META: &str = "version=\"Phoenix v4.0.1\"\nname=\"The Test\"\ndate=\"2312.01.01\"\n";

pub(crate) const GAMESTATE: &str = r#"version="Phoenix v4.0.1"
player=
{
	{
		name="someone"
		country=7
	}
}
used_color={ "red" }
country=0
used_color={ "blue" }
country=
{
	0=
	{
		name="Zaïre \"of\" \ stars"
		ethos=
		{
			ethic="ethic_xenophobe"
			ethic="ethic_fanatic_militarist"
		}
		military_power=840.35
		flag=rgb { 1 2 3 }
		empty={}
		human=yes
	}
	7=
	{
		name={ key="NAME_Seven" literal=no }
		ethos={ ethic=ethic_pacifist }
		modifier={ 1 2 kind>5 }
		military_power=12
	}
	9=none
	"a\"b"={ name="quoted" }
}
list={ 1 2 3 }
"#;

/// What a process left.
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(TOOL_VERSION, "[version]");
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A folder with `a.sav`.
    pub(crate) fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        place.file("a.sav", &zip(&[("meta", META), ("gamestate", GAMESTATE)]));
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// The binary, in the folder, so that names of files are what is typed.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(args).current_dir(self.folder.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Answer {
        self.command(args).output().unwrap().into()
    }

    pub(crate) fn serve(&self, save: &str, more: &[&str]) -> Child {
        self.command(&[&["serve", "--path", save], more].concat()).stdin(Stdio::piped()).spawn().unwrap()
    }

    /// Sends requests and closes stdin.
    pub(crate) fn session(&self, save: &str, more: &[&str], requests: &[&[u8]]) -> Answer {
        let mut child = self.serve(save, more);
        let mut stdin = child.stdin.take().unwrap();
        let input = requests.join(&b'\n');
        let writer = std::thread::spawn(move || {
            // Who ends early does not read all of it.
            let _ = stdin.write_all(&input).and_then(|()| stdin.write_all(b"\n"));
        });
        let answer = child.wait_with_output().unwrap().into();
        writer.join().unwrap();
        answer
    }
}

/// A zip file of texts, unpacked as they are.
pub(crate) fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let short = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let offset = file.len();
        let mut common = b"\x14\0\0\0\0\0\0\0\0\0".to_vec();
        common.extend(crc32(text.as_bytes()).to_le_bytes());
        common.extend([number(text.len()), number(text.len())].concat());
        common.extend([short(name.len()), short(0)].concat());
        file.extend([b"PK\x03\x04", common.as_slice(), name.as_bytes(), text.as_bytes()].concat());
        directory.extend([b"PK\x01\x02\x14\0", common.as_slice(), &[0; 10], &number(offset), name.as_bytes()].concat());
    }
    let (at, len) = (number(file.len()), number(directory.len()));
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([short(entries.len()), short(entries.len())].concat());
    file.extend([at, len].iter().rev().flatten().copied().chain([0, 0]));
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
