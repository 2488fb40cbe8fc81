// Shows how much of a large file has been sent. Without it the form works as any other.
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-progress]")) return;
  event.preventDefault();
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", "已送出");
  const button = form.querySelector("button");
  button.disabled = true;
  button.after(bar);
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) bar.value = sent.loaded / sent.total;
  });
  request.addEventListener("load", () => {
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const main = document.querySelector("main");
    main.replaceWith(answer.querySelector("main"));
    window.scrollTo(0, 0);
  });
  request.addEventListener("error", () => {
    bar.remove();
    button.disabled = false;
    const said = document.createElement("p");
    said.className = "said";
    said.setAttribute("role", "alert");
    said.textContent = "没有送出去：请检查网络后再放入";
    form.append(said);
  });
  request.open("POST", form.getAttribute("action"));
  request.send(new FormData(form));
});
