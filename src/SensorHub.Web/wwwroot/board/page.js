import { Board } from "./board.js";
import { CarePerson } from "./person.js";

customElements.define("sensorhub-board", Board);
customElements.define("sensorhub-person", CarePerson);
