// What must hold of every page. A check returns what it finds wrong, in
// words; nothing if all is well. `broken.test.mjs` shows each of them a page
// with the fault that it is there to find.

import { violations } from './browser.mjs';

/** Nothing is asked of any other machine. */
export function requests({ seen, base }) {
    return seen.requests
        .filter(url => !url.startsWith(base) && !url.startsWith('data:'))
        .map(url => `asks for ${url}`);
}

/** The browser has nothing to complain about. */
export function complaints({ seen }) {
    return seen.complaints.map(text => `the console says: ${text}`);
}

/** The page itself never scrolls sideways, and nothing sticks out of it. */
export function sideways({ page }) {
    return page.evaluate(() => {
        const found = [];
        const wide = document.documentElement.clientWidth;
        for (const part of [document.documentElement, document.body]) {
            if (part.scrollWidth > wide) {
                found.push(`${part.localName} is ${part.scrollWidth} px wide, not ${wide}`);
            }
        }
        const content = document.querySelector('.content');
        if (content.scrollWidth > content.clientWidth) {
            found.push('the content scrolls sideways');
        }
        return found;
    });
}

/**
 * No terminal, drawing or program is cut off: what is wider than its frame
 * can be scrolled, also with the keys, and where there is room for 80
 * letters, no terminal of 80 letters has to be.
 */
export function clipped({ page, width }) {
    return page.evaluate(width => {
        const found = [];
        const name = part => {
            const figure = part.closest('figure');
            const id = figure?.dataset.block ?? figure?.dataset.session ?? '';
            return `${part.localName}.${part.className} ${id}`;
        };
        const shown = part => part.checkVisibility();
        const parts = 'main .session pre, main .drawing, main pre > code, main .table-wrapper, '
            + 'main > figure:not(.session)';
        for (const part of [...document.querySelectorAll(parts)].filter(shown)) {
            const style = getComputedStyle(part);
            const isWide = part.scrollWidth > part.clientWidth + 1;
            const scrolls = ['auto', 'scroll'].includes(style.overflowX);
            if (isWide && !scrolls) {
                found.push(`${name(part)} is cut off`);
            }
            if (isWide && part.tabIndex < 0) {
                found.push(`${name(part)} cannot be scrolled with the keys`);
            }
            if (part.scrollHeight > part.clientHeight + 1 && style.overflowY === 'hidden') {
                found.push(`${name(part)} is cut off below`);
            }
            const text = part.innerText.split('\n').map(line => line.trimEnd().length);
            const isTerminal = part.matches('.session pre') && !part.closest('.replay');
            if (isTerminal && isWide && width >= 1280 && Math.max(...text) <= 80) {
                found.push(`${name(part)} scrolls, and has ${Math.max(...text)} columns`);
            }
        }
        for (const figure of [...document.querySelectorAll('main .session')].filter(shown)) {
            const frame = figure.getBoundingClientRect();
            const inside = [...figure.children].filter(shown).map(part => part.getBoundingClientRect());
            if (inside.some(box => box.bottom > frame.bottom + 1 || box.right > frame.right + 1)) {
                found.push(`${name(figure)} hides some of what it holds`);
            }
        }
        return found;
    }, width);
}

/** Letters of sessions and drawings, also of a colour of their own. */
export function contrast({ page }) {
    return page.evaluate(() => {
        const LEAST = 4.5;
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 1;
        const brush = canvas.getContext('2d', { willReadFrequently: true });
        const known = new Map();
        // Any colour that CSS can say, over another one, as red, green, blue.
        const mixed = (colour, below, opacity) => {
            const key = `${colour} ${below} ${opacity}`;
            if (!known.has(key)) {
                brush.globalAlpha = 1;
                brush.fillStyle = `rgb(${below.join(' ')})`;
                brush.fillRect(0, 0, 1, 1);
                brush.globalAlpha = opacity;
                brush.fillStyle = colour;
                brush.fillRect(0, 0, 1, 1);
                known.set(key, [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3));
            }
            return known.get(key);
        };
        const light = colour => {
            const [r, g, b] = colour.map(part => {
                const value = part / 255;
                return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const ratio = (one, other) => {
            const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
            return (high + 0.05) / (low + 0.05);
        };
        const ground = part => {
            const above = part.parentElement ? ground(part.parentElement) : [255, 255, 255];
            return mixed(getComputedStyle(part).backgroundColor, above, 1);
        };
        const found = new Set();
        const texts = '.session samp, .session samp *, .session figcaption, .session text, '
            + '.session .terminal, .session li';
        for (const part of document.querySelectorAll(texts)) {
            const hasText = [...part.childNodes].some(
                node => node.nodeType === Node.TEXT_NODE && node.data.trim());
            if (!hasText || !part.checkVisibility()) {
                continue;
            }
            const style = getComputedStyle(part);
            const isDrawn = part.localName === 'text';
            let below = ground(isDrawn ? part.closest('.drawing') : part);
            if (isDrawn) {
                // A box tints its ground with the hue of its kind.
                below = mixed(style.color, below, 0.05);
            }
            const ink = mixed(isDrawn ? style.fill : style.color, below, 1);
            const value = ratio(ink, below);
            if (value < LEAST) {
                const what = part.getAttribute('class') ?? part.parentElement.getAttribute('class');
                found.add(`${part.localName} ${what} “${part.textContent.slice(0, 20)}”: `
                    + `${value.toFixed(2)} of rgb(${ink}) on rgb(${below})`);
            }
        }
        return [...found];
    });
}

/** What axe-core finds. */
export function axe({ page, rules }) {
    return violations(page, rules);
}

/**
 * Everything that reacts can be reached with the Tab key, one thing after the
 * other, and shows that it has been reached.
 */
export async function keyboard({ page }) {
    const expected = await page.evaluate(() => {
        const parts = 'a[href], button, summary, input, [tabindex="0"]';
        let number = 0;
        for (const part of document.querySelectorAll(parts)) {
            const isOff = part.disabled || part.tabIndex < 0 && !part.matches('summary')
                || part.closest('[inert], [aria-hidden="true"]');
            if (!isOff && part.checkVisibility({ visibilityProperty: true })) {
                part.dataset.reach = number;
                number += 1;
            }
        }
        document.activeElement?.blur();
        window.scrollTo(0, 0);
        window.getSelection().removeAllRanges();
        return number;
    });
    const reached = new Set();
    const found = [];
    for (let press = 0; press < expected + 20 && reached.size < expected; press += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
            const part = document.activeElement;
            const style = getComputedStyle(part);
            const isSeen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
                || style.boxShadow !== 'none';
            const { reach } = part.dataset;
            return { reach, isSeen, name: `${part.localName}.${part.className} ${part.id}` };
        });
        if (at.reach !== undefined) {
            reached.add(Number(at.reach));
            if (!at.isSeen) {
                found.push(`${at.name} does not show that it has the focus`);
            }
        }
    }
    const missed = await page.evaluate(reached => {
        const parts = [...document.querySelectorAll('[data-reach]')];
        return parts
            .filter(part => !reached.includes(Number(part.dataset.reach)))
            .map(part => `${part.localName}.${part.className} ${part.id || part.textContent.slice(0, 20)}`);
    }, [...reached]);
    return [...new Set(found), ...missed.map(name => `${name} is not reached with Tab`)];
}

/** Links within the book lead to pages and headings that exist. */
export function links({ page, exists }) {
    return page.evaluate(() => [...document.querySelectorAll('main a[href]:not(.header)')]
        .map(link => link.href)).then(async hrefs => {
        const found = [];
        for (const href of new Set(hrefs)) {
            if (!await exists(href)) {
                found.push(`${href} leads nowhere`);
            }
        }
        return found;
    });
}

/** A heading can be linked to, by a name that says what it is about. */
export function anchors({ page }) {
    return page.evaluate(() => {
        const seen = new Set();
        const found = [];
        for (const part of document.querySelectorAll('[id]')) {
            if (seen.has(part.id)) {
                found.push(`two elements have the id ${part.id}`);
            }
            seen.add(part.id);
        }
        for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4)')) {
            const link = heading.querySelector('a.header');
            if (!heading.id || !link || new URL(link.href).hash !== `#${heading.id}`) {
                found.push(`the heading “${heading.textContent}” has no link`);
            }
        }
        return found;
    });
}

/** Text alternatives: every drawing has a name, and tells the same in words. */
export function alternatives({ page }) {
    return page.evaluate(() => {
        const found = [];
        for (const drawing of document.querySelectorAll('.drawing svg')) {
            const title = drawing.querySelector('title')?.textContent;
            if (!title || !drawing.querySelector('desc')?.textContent) {
                found.push('a drawing without a name or a description');
            }
            const around = drawing.closest('.state, .beside, figure');
            const words = around.querySelector('details')?.textContent ?? '';
            const names = [...drawing.querySelectorAll('text')]
                .map(text => text.textContent)
                .filter(text => /^[a-z]+:\[\d+\]$/.test(text));
            for (const name of names.filter(name => !words.includes(name))) {
                found.push(`${name} is drawn in “${title}”, and not told of`);
            }
        }
        return found;
    });
}
