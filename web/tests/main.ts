import { finish } from "./check";
import { tests as terminal } from "./terminal.test";

terminal();
finish();
