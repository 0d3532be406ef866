// The page, in order: what the demo tells goes to the parts that show it. Each file is one idea:
// stream and act speak with the demo; seats says who is shown; scheme, drawing, dots and workers are
// the stage; minute and charts, cores, news and company look on; controls, fields and commands act;
// labs, card and sheet ask first.

import { act, beViewer, token } from "./act.js";
import { Card } from "./card.js";
import { showCompany } from "./company.js";
import { Controls } from "./controls.js";
import { prepareCores, showCores } from "./cores.js";
import { byId, say } from "./elements.js";
import { Minute } from "./minute.js";
import { listLabs } from "./labs.js";
import { report } from "./news.js";
import { refresh, setLab, setLive } from "./permit.js";
import { Stage } from "./stage.js";
import { follow } from "./stream.js";
import { describe } from "./summary.js";

const stage = new Stage((id, action) => act(`/workers/${id}/${action}`));
const minute = new Minute();
const controls = new Controls();
const card = new Card();
prepareCores();

const listeners = {
  hello(hello) {
    beViewer(hello.viewer);
    controls.meet(hello);
    listLabs(hello.labs, () => card.lead());
  },
  history({ points }) {
    minute.recall(points);
  },
  frame(frame) {
    describe(frame);
    const seats = stage.show(frame);
    minute.show(frame);
    showCores(frame.cores, frame.diagnosis);
    showCompany(frame);
    controls.show(frame, seats);
    card.tick();
    setLab(frame.playing === "lab");
    refresh();
  },
  happened(event) {
    if (event.kind === "exit") stage.fall(event);
    if (event.kind === "exit" && event.signal) minute.died(event.t_s);
    report(event);
  },
  lab(lab) {
    card.show(lab);
  },
};

follow(token, listeners, (live, why) => {
  say(byId("lost"), live ? "" : why);
  document.body.dataset.live = live;
  setLive(live);
});
