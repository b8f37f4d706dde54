// Sets the theme this browser has stored before the first paint. Loaded blocking, so it stays this small.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // Storage is forbidden here: the system's theme it is.
}
