// The language shown: the radio buttons work without scripts, and what scripts draw follows them.
const articles = [...document.querySelectorAll("main > article")];
const shownLanguage = () => {
  const radio = document.querySelector('input[name="language"]:checked');
  const code = radio ? radio.id.slice("show-".length) : "";
  return articles.some(article => article.id === code) ? code : articles[0].id;
};
const onLanguage = act =>
  document.querySelectorAll('input[name="language"]').forEach(radio => radio.addEventListener("change", () => act(shownLanguage())));
