import { mount } from "svelte";
import { createBackend } from "#backend";
import Root from "./components/Root.svelte";
import "./fonts.css";
import "./style.css";
import "./answer.css";
import "./textLayer.css";
import { App } from "./state/app.svelte";

const target = document.getElementById("app");
if (!target) throw new Error("index.html lacks #app");
mount(Root, { target, props: { app: new App(createBackend()) } });
