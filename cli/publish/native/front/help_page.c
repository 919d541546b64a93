#include "help_page.h"

#include <string.h>

#include "characters.h"

enum { WIDEST = 78, NARROWEST = 50, FIRST_COLUMN_LIMIT = 30, SPACING = 2, MARGIN = 2, LEAST_USAGE = 20, LEAST_TEXT = 10 };

/* The pieces of a paragraph that are still to be laid out. */
struct pieces {
    const char *at; /* NULL: there are none. */
    const char *end;
};

/* Where lines go: how they begin, and what is written in front of each but the first. */
struct layout {
    struct text *text;
    size_t width;
    size_t initial; /* Columns that are taken on the first line, */
    size_t subsequent; /* and blanks at the start of the others. */
    int add_initial; /* Whether the initial columns are still to be written, as blanks. */
    size_t hanging; /* Further blanks, outside the width, at the start of the others. */
};

static size_t smaller(size_t left, size_t right)
{
    return left < right ? left : right;
}

size_t width_for(int columns)
{
    int width = columns - SPACING;
    return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : (size_t)width;
}

static struct slice piece_of(struct pieces pieces)
{
    const char *end = memchr(pieces.at, PIECE, (size_t)(pieces.end - pieces.at));
    return (struct slice){pieces.at, (size_t)((end != NULL ? end : pieces.end) - pieces.at)};
}

static void drop_piece(struct pieces *pieces, struct slice piece)
{
    const char *next = piece.at + piece.size;
    pieces->at = next < pieces->end ? next + 1 : NULL;
}

static int is_blank(struct slice piece)
{
    uint32_t code;
    for (size_t at = 0; at < piece.size;) {
        at += character(piece.at + at, piece.size - at, &code);
        if (!_PyUnicode_IsWhitespace(code)) {
            return 0;
        }
    }
    return 1;
}

/* The first characters of a piece that is too long for any line. */
static struct slice cut(struct slice piece, size_t characters)
{
    uint32_t code;
    size_t at = 0;
    for (; characters != 0 && at < piece.size; characters--) {
        at += character(piece.at + at, piece.size - at, &code);
    }
    return (struct slice){piece.at, at};
}

/* Puts pieces on one line, up to `room` characters; the result says where its last piece begins. */
static size_t fill_line(struct text *text, struct pieces *pieces, size_t room, int *last_is_blank)
{
    size_t used = 0;
    size_t last = text->size;
    *last_is_blank = 0;
    while (pieces->at != NULL) {
        struct slice piece = piece_of(*pieces);
        size_t length = characters_in(piece);
        if (used + length <= room) {
            drop_piece(pieces, piece);
        } else if (length > room) {
            size_t space = room > used ? room - used : 1;
            piece = cut(piece, space);
            pieces->at += piece.size;
        } else {
            break;
        }
        used += length;
        last = text->size;
        text_add_slice(text, piece);
        *last_is_blank = is_blank(piece);
        if (used > room) {
            break;
        }
    }
    return last;
}

/* Greedy lines out of pieces: blanks at line ends vanish, and a piece too long for a line is cut. Returns how many lines were made. */
static size_t fill(const struct layout *layout, struct pieces pieces, size_t lines)
{
    struct text *text = layout->text;
    size_t made = 0;
    while (pieces.at != NULL) {
        size_t indent = made != 0 ? layout->subsequent : layout->initial;
        size_t room = layout->width > indent ? layout->width - indent : 0;
        if (made != 0 && is_blank(piece_of(pieces))) {
            drop_piece(&pieces, piece_of(pieces));
        }
        size_t before = text->size;
        if (lines + made != 0) {
            text_add(text, "\n");
            text_add_blanks(text, layout->hanging);
        }
        if (made != 0 || layout->add_initial) {
            text_add_blanks(text, indent);
        }
        size_t start = text->size;
        int last_is_blank;
        size_t last = fill_line(text, &pieces, room, &last_is_blank);
        if (last_is_blank) {
            text->size = last;
        }
        if (text->size == start) {
            text->size = before;
        } else {
            made++;
        }
    }
    return made;
}

static struct pieces paragraph(const char *words)
{
    const char *end = strchr(words, PARAGRAPH);
    return (struct pieces){words, end != NULL ? end : words + strlen(words)};
}

void add_usage(struct text *text, const struct node *node, size_t width)
{
    size_t start = text->size;
    text_add(text, "Usage: ");
    size_t indent = text->size - start + 4;
    text_add(text, node->path);
    text_add(text, " ");
    size_t prefix = characters_in((struct slice){text->at + start, text->size - start});
    struct layout layout = {text, width, prefix, prefix, 0, 0};
    if (width < prefix + LEAST_USAGE) {
        text_add(text, "\n");
        layout = (struct layout){text, width, indent, indent, 1, 0};
    }
    fill(&layout, paragraph(node->usage), 0);
}

static void add_text(struct text *text, const char *words, size_t width)
{
    struct layout layout = {text, width, MARGIN, MARGIN, 1, 0};
    text_add(text, "\n");
    for (;;) {
        struct pieces pieces = paragraph(words);
        fill(&layout, pieces, 0);
        if (*pieces.end == '\0') {
            break;
        }
        words = pieces.end + 1;
        text_add(text, "\n\n");
    }
    text_add(text, "\n");
}

static void add_definition(struct text *text, const struct row *row, size_t column, size_t width)
{
    size_t length = characters_in(slice_of(row->first));
    text_add_blanks(text, MARGIN);
    text_add(text, row->first);
    if (*row->words != '\0') {
        if (length <= column - SPACING) {
            text_add_blanks(text, column - length);
        } else {
            text_add(text, "\n");
            text_add_blanks(text, column + MARGIN);
        }
        struct layout layout = {text, width, 0, 0, 0, column + MARGIN};
        size_t lines = 0;
        for (const char *words = row->words;; words++) {
            struct pieces pieces = paragraph(words);
            lines += fill(&layout, pieces, lines);
            words = pieces.end;
            if (*words == '\0') {
                break;
            }
            text_add(text, "\n");
            text_add_blanks(text, layout.hanging);
            lines++;
        }
    }
    text_add(text, "\n");
}

/* The rows of a section, up to the next part of the page; returns how many there were. */
static size_t add_definitions(struct text *text, const struct row *rows, size_t left, size_t width)
{
    size_t count = 0;
    size_t widest = 0;
    for (; count < left && rows[count].tag == ROW_ROW; count++) {
        size_t length = characters_in(slice_of(rows[count].first));
        widest = length > widest ? length : widest;
    }
    size_t column = smaller(widest, FIRST_COLUMN_LIMIT) + SPACING;
    size_t text_width = width > column + MARGIN + LEAST_TEXT ? width - column - MARGIN : LEAST_TEXT;
    for (size_t i = 0; i < count; i++) {
        add_definition(text, &rows[i], column, text_width);
    }
    return count;
}

void add_page(struct text *text, const struct node *node, size_t width)
{
    add_usage(text, node, width);
    text_add(text, "\n");
    for (size_t i = 0; i < node->row_count;) {
        const struct row *row = &node->rows[i++];
        if (row->tag == ROW_TEXT) {
            add_text(text, row->words, width);
            continue;
        }
        text_add(text, "\n");
        text_add(text, row->first);
        text_add(text, ":\n");
        i += add_definitions(text, node->rows + i, node->row_count - i, width);
    }
}
