use std::slice;

use anyhow::Result;
use tempfile::tempdir;

use super::*;

fn program(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    fs::set_permissions(path, Permissions::from_mode(0o700))?;
    Ok(())
}

#[test]
fn a_folder_gives_its_programs_and_nothing_else() -> Result<()> {
    let root = tempdir()?;
    let folder = root.path().join("demos");
    fs::create_dir_all(folder.join("nested"))?;
    program(&folder.join("one"), "#!/bin/sh")?;
    fs::write(folder.join("README"), "no program")?;
    let demos = Demos::Folder("demos".into());
    let programs = programs(root.path(), Some(&demos))?;
    assert_eq!(programs.names, BTreeSet::from(["one".to_owned()]));
    assert_eq!(programs.folder, Some(folder));
    Ok(())
}

#[test]
fn a_folder_that_is_not_there_is_named() -> Result<()> {
    let root = tempdir()?;
    let demos = Demos::Folder("demos".into());
    let error = programs(root.path(), Some(&demos)).expect_err("an error");
    assert!(format!("{error:#}").contains("/demos"), "{error:#}");
    Ok(())
}

#[test]
fn copies_follow_the_programs() -> Result<()> {
    let root = tempdir()?;
    let built = root.path().join("one");
    let folder = root.path().join("programs");
    program(&built, "first")?;
    copy(slice::from_ref(&built), &folder)?;
    fs::write(folder.join("stale"), "")?;
    let before = fs::metadata(folder.join("one"))?;
    assert_eq!(before.permissions().mode() & 0o777, 0o755);

    copy(slice::from_ref(&built), &folder)?;
    let after = fs::metadata(folder.join("one"))?;
    assert_eq!(inode(&before), inode(&after), "an equal copy is left alone");
    assert!(!folder.join("stale").exists());

    program(&built, "second")?;
    copy(&[built], &folder)?;
    assert_eq!(fs::read_to_string(folder.join("one"))?, "second");
    assert_eq!(names(&folder)?.len(), 1);
    Ok(())
}

fn inode(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}
