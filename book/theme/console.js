// Lets readers step through a replay, copy commands without prompts, and see
// all lines that a claim rests on.
// Whatever is made here needs it: without this script there are no buttons.
(() => {
    'use strict';

    const make = (tag, className, text) => {
        const element = document.createElement(tag);
        element.className = className;
        element.textContent = text || '';
        return element;
    };

    const button = (label, act) => {
        const element = make('button', 'console-button', label);
        element.type = 'button';
        element.addEventListener('click', act);
        return element;
    };

    // What was typed at prompts, continuations included.
    const commands = part =>
        Array.from(part.querySelectorAll('.prompt + kbd'), typed => typed.textContent);

    // A button that copies the commands of what `part` returns.
    const copier = (label, part) => {
        const copy = button(label, () => {
            const text = commands(part()).join('\n');
            navigator.clipboard.writeText(text).then(() => {
                copy.textContent = 'Copied';
                setTimeout(() => { copy.textContent = label; }, 1500);
            }, () => {});
        });
        return copy;
    };

    const canCopy = Boolean(navigator.clipboard && navigator.clipboard.writeText);

    // A terminal or drawing that scrolls sideways has Left and Right for itself.
    const scrolls = element =>
        element.matches('pre, .drawing') && element.scrollWidth > element.clientWidth;

    const isPlain = event =>
        !(event.altKey || event.ctrlKey || event.metaKey || event.shiftKey);

    // mdBook turns to another chapter at these keys, on the document.
    const keepKeys = figure => figure.addEventListener('keydown', event => {
        if (/^Arrow(Left|Right)$/.test(event.key) && scrolls(event.target)) {
            event.stopPropagation();
        }
    });

    // A name or an option that is code breaks at no hyphen. What is longer than
    // a narrow page stays as it is.
    const keepWords = code => {
        if (code.childElementCount === 0 && /[-/]/.test(code.textContent)) {
            const words = code.textContent.split(/( )/);
            code.replaceChildren(...words.map(word =>
                word === ' ' || word.length > 30 ? word : make('span', 'word', word)));
        }
    };

    const addCopy = figure => {
        const foot = figure.querySelector('figcaption');
        if (canCopy && foot && commands(figure).length > 0) {
            foot.append(' ', copier('Copy commands', () => figure));
        }
    };

    const addSteps = figure => {
        const steps = Array.from(figure.querySelectorAll('.steps > li'));
        const list = figure.querySelector('.steps');
        if (steps.length < 2) {
            return;
        }
        // The map of each moment: where a step has none, that of the last.
        const states = steps.map(step => step.querySelector('.state'));
        const state = to => states.slice(0, to + 1).findLast(Boolean);
        const beside = make('div', 'beside');
        const name = step => step.querySelector('.terminal').textContent;
        const last = steps.length - 1;
        let at = 0;
        let all = false;

        const said = make('span', 'said');
        said.setAttribute('aria-live', 'polite');
        const terminals = make('div', 'terminals');
        // What is said says it, too.
        terminals.setAttribute('aria-hidden', 'true');
        for (const terminal of [...new Set(steps.map(name))].sort()) {
            terminals.append(make('span', '', terminal));
        }

        const show = to => {
            at = Math.min(Math.max(to, 0), last);
            steps.forEach((step, number) => {
                if (number > at && !all) {
                    // The browser's own search still finds it.
                    step.setAttribute('hidden', 'until-found');
                } else {
                    step.removeAttribute('hidden');
                }
                step.toggleAttribute('data-current', number === at);
                if (number === at) {
                    step.setAttribute('aria-current', 'step');
                } else {
                    step.removeAttribute('aria-current');
                }
            });
            for (const terminal of terminals.children) {
                const isHere = terminal.textContent === name(steps[at]);
                terminal.toggleAttribute('data-current', isHere);
            }
            figure.classList.toggle('all', all);
            const map = state(at);
            const isOther = beside.map !== map;
            if (isOther) {
                beside.map = map;
                // What is taken away must not take the keys with it.
                if (beside.contains(document.activeElement)) {
                    figure.focus();
                }
                beside.replaceChildren(...map ? map.cloneNode(true).children : []);
            }
            const news = isOther && map && to > 0 ? ', the map has changed' : '';
            said.textContent =
                `step ${at + 1} of ${steps.length}, ${name(steps[at])}${news}`;
            // Not `disabled`, which would take the focus, and the keys with it.
            first.setAttribute('aria-disabled', at === 0);
            back.setAttribute('aria-disabled', at === 0);
            next.setAttribute('aria-disabled', at === last);
            end.setAttribute('aria-disabled', at === last);
        };
        const go = to => {
            show(to);
            steps[at].scrollIntoView({ block: 'nearest' });
        };

        const first = button('First', () => go(0));
        const back = button('◀ Back', () => go(at - 1));
        const next = button('Next ▶', () => go(at + 1));
        const end = button('Last', () => go(last));
        const whole = button('Show all', () => {
            all = !all;
            whole.setAttribute('aria-pressed', all);
            go(at);
        });
        whole.setAttribute('aria-pressed', 'false');

        steps.forEach((step, number) => {
            step.addEventListener('beforematch', () => show(number));
        });
        figure.addEventListener('keydown', event => {
            const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
            if (to === undefined || !isPlain(event) || scrolls(event.target)) {
                return;
            }
            event.stopPropagation();
            event.preventDefault();
            go(to);
        });
        figure.tabIndex = 0;
        figure.setAttribute('aria-label', 'A session, step by step');

        const bar = make('div', 'stepper');
        bar.append(terminals, said, first, back, next, end, whole);
        if (canCopy) {
            bar.append(copier('Copy commands', () => steps[at]));
        }
        const side = make('div', 'side');
        list.replaceWith(side);
        side.append(list, beside);
        side.after(bar);
        figure.classList.add('stepping');
        show(0);
    };

    // A claim may rest on more lines than the one that its mark leads to.
    const lightUp = mark => {
        for (const line of document.querySelectorAll('.session .lit')) {
            line.classList.remove('lit');
        }
        for (const id of (mark.dataset.lines || '').split(' ')) {
            const line = id && document.getElementById(id);
            if (line) {
                line.classList.add('lit');
            }
        }
    };
    document.addEventListener('click', event => {
        const mark = event.target.closest('.console-claim a, .console-value');
        if (mark) {
            lightUp(mark);
        }
    });

    // mdBook's button for the sidebar is a label, which keys do not reach, and
    // its bar is no landmark.
    const label = document.getElementById('mdbook-sidebar-toggle');
    if (label) {
        const box = document.getElementById(label.htmlFor);
        const toggle = make('button', 'icon-button');
        toggle.type = 'button';
        toggle.title = label.title;
        toggle.setAttribute('aria-label', label.title);
        toggle.setAttribute('aria-controls', 'mdbook-sidebar');
        toggle.append(...label.childNodes);
        const tell = () => toggle.setAttribute('aria-expanded', box.checked);
        tell();
        box.addEventListener('change', tell);
        toggle.addEventListener('click', () => label.click());
        label.before(toggle);
        label.hidden = true;
        label.style.display = 'none';
        label.closest('.menu-bar').setAttribute('role', 'banner');
    }

    // What scrolls sideways can be reached, and so scrolled, with the keys.
    const watcher = new ResizeObserver(entries => {
        for (const { target } of entries) {
            if (target.scrollWidth > target.clientWidth) {
                target.tabIndex = 0;
            } else {
                target.removeAttribute('tabindex');
            }
        }
    });
    const parts = 'main pre > code, main .table-wrapper, main > figure:not(.session)';
    document.querySelectorAll(parts).forEach(part => watcher.observe(part));

    document.querySelectorAll('main :not(pre) > code').forEach(keepWords);

    for (const figure of document.querySelectorAll('figure.session')) {
        keepKeys(figure);
        if (figure.matches('.replay')) {
            addSteps(figure);
        } else {
            addCopy(figure);
        }
    }
})();
