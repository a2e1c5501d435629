// Before anything is painted: dark if the viewer has said so, or else if the system is.
var said = localStorage.getItem('theme')
var dark = said === 'dark' || (said !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
document.documentElement.dataset.theme = dark ? 'dark' : 'light'
