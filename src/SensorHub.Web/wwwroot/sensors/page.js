import { SensorList } from "./list.js";
import { SensorDetails } from "./sensor.js";

customElements.define("sensorhub-sensors", SensorList);
customElements.define("sensorhub-sensor", SensorDetails);
