// SPDX-License-Identifier: Apache-2.0
// The page shows what /api/state says and sends keys, knobs and commands. It decides nothing.
'use strict';
const $ = (id) => document.getElementById(id);
const send = (path, body) => fetch(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Bedside': '1' }, body: JSON.stringify(body),
}).then(async (r) => { const t = await r.json().catch(() => ({})); if (!r.ok) throw new Error(t.error || r.statusText); return t; });
// Requests to one path go one after the other: two at once may overtake each other, and a key would stay down. A
// key waits for no order.
const last = {};
function post(path, body) {
  last[path] = (last[path] ?? Promise.resolve()).catch(() => {}).then(() => send(path, body));
  return last[path];
}

// Keys: pressed while the button or the keyboard key is held.
const keyboard = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right', Enter: 'ok', s: 'start', p: 'pause', m: 'silence', c: 'confirm', x: 'stop' };
const held = new Set();
function key(name, down) {
  if (down === held.has(name)) return;
  down ? held.add(name) : held.delete(name);
  document.querySelectorAll(`[data-key=${name}]`).forEach((b) => b.classList.toggle('down', down));
  post('/api/key', { key: name, down }).catch(say);
}
for (const button of document.querySelectorAll('[data-key]')) {
  const name = button.dataset.key;
  button.addEventListener('pointerdown', () => key(name, true));
  for (const e of ['pointerup', 'pointerleave', 'pointercancel', 'blur']) button.addEventListener(e, () => key(name, false));
  button.addEventListener('keydown', (e) => { if (e.key === ' ' || e.key === 'Enter') { e.preventDefault(); e.stopPropagation(); key(name, true); } });
  button.addEventListener('keyup', (e) => { if (e.key === ' ' || e.key === 'Enter') { e.stopPropagation(); key(name, false); } });
}
const typing = (e) => /^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(e.target.tagName);
addEventListener('keydown', (e) => { if (!typing(e) && keyboard[e.key] && !e.repeat) { e.preventDefault(); key(keyboard[e.key], true); } });
addEventListener('keyup', (e) => { if (keyboard[e.key]) key(keyboard[e.key], false); });
addEventListener('blur', () => { for (const name of [...held]) key(name, false); });

// Orders.
const say = (x) => { $('answer').textContent = x instanceof Error ? x.message : x; };
$('order').addEventListener('submit', (e) => {
  e.preventDefault();
  const f = new FormData(e.target);
  const what = e.submitter ? e.submitter.value : 'program';
  const body = { do: what };
  if (what === 'program') Object.assign(body, { drug: f.get('drug'), syringe: `${f.get('syringe')} mL`, rate: `${f.get('rate')} mL/h`, vtbi: `${f.get('vtbi')} mL` });
  post('/api/command', body).then((r) => say(r.accepted ? `${what}: accepted` : `${what}: refused – ${r.reason}`), say);
});

// Sound: one tone per buzzer, on while the buzzer is.
let audio = null; const tones = {};
$('sound').addEventListener('change', () => {
  if ($('sound').checked && !audio) {
    audio = new AudioContext();
    for (const [id, hz] of [['buzzer-a', 523], ['buzzer-b', 880]]) {
      const o = audio.createOscillator(), g = audio.createGain();
      o.frequency.value = hz; o.type = 'triangle'; g.gain.value = 0; o.connect(g).connect(audio.destination); o.start(); tones[id] = g;
    }
  }
});
function lamp(id, on) {
  $(id).classList.toggle('on', on);
  if (tones[id]) tones[id].gain.value = on && $('sound').checked ? 0.2 : 0;
}

// The display: 8 pages of 128 columns, as the chip holds it.
const pen = $('display').getContext('2d');
function display(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  pen.fillStyle = '#02080c'; pen.fillRect(0, 0, 512, 256); pen.fillStyle = '#bfe9ff';
  for (let i = 0; i < 1024; i++) for (let b = 0; b < 8; b++)
    if (bytes[i] >> b & 1) pen.fillRect((i % 128) * 4, ((i >> 7) * 8 + b) * 4, 3.6, 3.6);
}

// Graphs of the last minutes.
const history = [];
const css = (n) => getComputedStyle(document.documentElement).getPropertyValue(n);
function graph(id, a, b) {
  const c = $(id), g = c.getContext('2d'), w = c.width, h = c.height;
  g.clearRect(0, 0, w, h);
  const values = history.flatMap((s) => [a(s), b(s)]).filter(Number.isFinite);
  if (!values.length) return;
  const top = Math.max(...values, 0.001) * 1.1, low = Math.min(...values, 0);
  const y = (v) => h - 4 - (v - low) / (top - low || 1) * (h - 8);
  for (const [f, colour, dash] of [[a, css('--a'), []], [b, css('--b'), [6, 4]]]) {
    g.strokeStyle = colour; g.setLineDash(dash); g.lineWidth = 2; g.beginPath();
    history.forEach((s, i) => { const v = f(s); if (Number.isFinite(v)) g.lineTo(i / 599 * w, y(v)); });
    g.stroke();
  }
  g.fillStyle = css('--ink'); g.font = '11px system-ui'; g.fillText(top.toPrecision(3), 3, 11); g.fillText(low.toPrecision(3), 3, h - 3);
}

function show(s) {
  display(s.display);
  lamp('lamp-red', s.lamps.red); lamp('lamp-yellow', s.lamps.yellow); lamp('lamp-green', s.lamps.green);
  lamp('buzzer-a', s.buzzerA); lamp('buzzer-b', s.buzzerB);
  const facts = {
    State: s.state, 'Pump time': `${s.time.toFixed(1)} s × ${s.speed}`, Rate: `${s.commandedRate} mL/h`, 'Flow to patient': `${s.truth.flow.toFixed(3)} mL/h`,
    'Volume shown': `${s.delivered} mL`, 'Volume in truth': `${s.truth.delivered.toFixed(4)} mL`, VTBI: `${s.vtbi} mL`, 'Time left': s.timeRemaining,
    Pressure: s.pressure == null ? 'no reading' : `${s.pressure} of ${s.limit} mmHg`, Gate: s.gate, 'Motor power': s.motorPowered ? 'on' : 'off', Battery: `${s.battery} % ${s.mains ? 'mains' : 'battery'}`,
  };
  $('facts').replaceChildren(...Object.entries(facts).flatMap(([k, v]) => {
    const t = document.createElement('dt'), d = document.createElement('dd'); t.textContent = k; d.textContent = v; d.id = 'fact-' + k.toLowerCase().replace(/\W+/g, '-'); return [t, d];
  }));
  const item = (t) => { const li = document.createElement('li'); li.textContent = t; return li; };
  const alarms = s.alarms.map((a) => `${a.priority.toUpperCase()}: ${a.text} – ${a.remedy}`);
  if (JSON.stringify(alarms) !== JSON.stringify([...$('alarms').children].map((c) => c.textContent)))
    $('alarms').replaceChildren(...alarms.map(item));
  const events = s.events.map((e) => `${e.time.toFixed(1)} s  ${e.text}`);
  if (events[0] !== $('events').firstChild?.textContent) $('events').replaceChildren(...events.map(item));
  $('processes').replaceChildren(...s.processes.map((p) => item(`${p.name}: ${p.state}`)));
  const full = Math.max(0, Math.min(1, s.truth.inSyringe / s.truth.capacity)) * 200;
  $('fluid').setAttribute('width', full); $('plunger').setAttribute('x', 20 + full);
  $('bubble').style.visibility = s.truth.lineAir > 0 ? 'visible' : 'hidden';
  const blocked = s.occlusion > 0; $('clamp').style.visibility = blocked ? 'visible' : 'hidden'; $('line-out').classList.toggle('blocked', blocked);
  history.push(s); if (history.length > 600) history.shift();
  graph('g-rate', (x) => x.commandedRate, (x) => x.truth.flow);
  graph('g-volume', (x) => x.delivered, (x) => x.truth.delivered);
  graph('g-pressure', (x) => x.pressure ?? NaN, (x) => x.limit || NaN);
}

// Knobs: the table comes from the program, so every knob there is stands here.
async function knobs() {
  const list = await (await fetch('/api/knobs')).json();
  $('knobs').replaceChildren(...list.map((k) => {
    const div = document.createElement('div'), label = document.createElement('label'), code = document.createElement('code'), input = document.createElement('input');
    div.className = 'knob'; div.dataset.name = k.name; code.textContent = k.name;
    label.append(code, ` ${k.summary} (${k.min} … ${k.max}${k.unit ? ' ' + k.unit : ''})`);
    input.setAttribute('aria-label', k.name);
    const turn = (v) => post('/api/knob', { name: k.name, value: v }).then(() => say(`${k.name} = ${v}${k.unit ? ' ' + k.unit : ''}`), say);
    if (k.kind === 'switch') { input.type = 'checkbox'; input.checked = k.value !== 0; input.addEventListener('change', () => turn(input.checked ? 1 : 0)); }
    else { input.type = 'number'; input.min = k.min; input.max = k.max; input.step = 'any'; input.value = k.value; input.addEventListener('change', () => turn(Number(input.value))); }
    div.append(label, input, k.kind === 'switch' ? '' : ` ${k.unit}`); return div;
  }));
}
$('filter').addEventListener('input', () => {
  for (const d of document.querySelectorAll('.knob')) d.hidden = !d.textContent.toLowerCase().includes($('filter').value.toLowerCase());
});

async function tick() {
  try { show(await (await fetch('/api/state')).json()); document.body.dataset.live = '1'; }
  catch (e) { document.body.dataset.live = '0'; say('The simulator does not answer; is pump-sim up running?'); }
  setTimeout(tick, 200);
}
knobs().catch(say); tick();
