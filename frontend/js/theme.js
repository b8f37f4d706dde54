// Sets the stored theme before the first paint. This script blocks rendering, so it stays small.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // If the browser forbids storage, the system's theme applies.
}
