package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.xfrmagent.agent.cli.Paint.Mood;

/** Lines of cells in columns as wide as their widest cell, two spaces apart, without anything at the ends of lines. */
final class Table {
    private static final String GAP = "  ";

    private final List<List<Cell>> rows = new ArrayList<>();

    /** A text, and what it says at a glance. */
    record Cell(String text, Mood mood) {
        static Cell of(String text) {
            return new Cell(text, Mood.NEUTRAL);
        }
    }

    Table(String... head) {
        rows.add(Arrays.stream(head).map(name -> new Cell(name, Mood.HEAD)).toList());
    }

    Table row(Cell... cells) {
        rows.add(List.of(cells));
        return this;
    }

    Table row(String... cells) {
        rows.add(Arrays.stream(cells).map(Cell::of).toList());
        return this;
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    void print(PrintWriter out) {
        print(out, Paint.PLAIN);
    }

    void print(PrintWriter out, Paint paint) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<Cell> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).text().length());
            }
        }
        for (List<Cell> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                Cell cell = row.get(i);
                line.append(i == 0 ? "" : GAP).append(paint.text(cell.mood(), cell.text())).repeat(' ', widths[i] - cell.text().length());
            }
            out.println(line.toString().stripTrailing());
        }
    }
}
