//! The engine accepts the project's own definitions.

use std::error::Error;
use std::fs;
use std::path::Path;

use asl::Definition;

#[test]
fn published_definitions_can_be_run() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../statemachines");
    let mut read = 0;
    for playbook in fs::read_dir(folder)? {
        let playbook = playbook?.path();
        if !playbook.is_dir() {
            continue;
        }
        for file in fs::read_dir(playbook)? {
            let file = file?.path();
            if file.to_string_lossy().ends_with(".asl.json") {
                Definition::parse(&fs::read_to_string(&file)?)
                    .map_err(|error| format!("{}: {error}", file.display()))?;
                read += 1;
            }
        }
    }
    assert!(read > 0, "there are definitions");
    Ok(())
}
