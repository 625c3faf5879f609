//! Paths as messages show them: from the root, as a relative one leads elsewhere from another working directory.

use std::path::Path;

/// The path that the system was asked for, as text.
pub fn from_root(path: &Path) -> String {
    // Fails only where the working directory is gone.
    let absolute = std::path::absolute(path);
    absolute.as_deref().unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_is_shown_from_the_root() {
        let shown = from_root(Path::new("countersign.keys"));
        let here = std::env::current_dir().unwrap();
        assert_eq!(shown, here.join("countersign.keys").display().to_string());
        assert_eq!(from_root(Path::new("/etc/a b.keys")), "/etc/a b.keys");
    }
}
