package org.mirror4j.lucene;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/**
 * The items in the lines of a text, UTF-8 and perhaps gzipped, one after the other. Blank lines are
 * passed over.
 */
public final class ItemLines implements Iterator<Item>, AutoCloseable {
  /** More than any model takes; what is longer is cut. */
  static final int LINE_CHARACTERS = 100_000;

  private static final String BARS = "||", TAB = "\t";

  /** What a line is. */
  public enum Form {
    /** A text, whose identifier is the number of its line, from 1. */
    TEXT,
    /**
     * {@code id||name}, or {@code id|id||name|name} of which each name is an item under {@code
     * id|id}: the lines of dictionaries of concepts.
     */
    NAMES,
    /** An identifier, a tab and a text. */
    TAB
  }

  private final LineReader lines;
  private final Queue<Item> items = new ArrayDeque<>();
  private Form form;
  private long blankLines;
  private long emptyNames;

  private ItemLines(LineReader lines, Form form) {
    this.lines = lines;
    this.form = form;
  }

  /**
   * Opens a file.
   *
   * @param form null for what the first line looks like: {@link Form#NAMES} with {@code ||} in it,
   *     {@link Form#TAB} with a tab, else {@link Form#TEXT}
   * @return items, to be closed
   * @throws TextException if it is absent, a directory or empty
   */
  public static ItemLines open(Path file, Form form) {
    return new ItemLines(new LineReader(List.of(file), LINE_CHARACTERS), form);
  }

  /**
   * Opens a file whose lines are texts.
   *
   * @return at least one item, to be closed
   * @throws FileException if there is none
   * @throws TextException as {@link #open}
   */
  static ItemLines openTexts(Path file) {
    ItemLines lines = open(file, Form.TEXT);
    try {
      lines.requireAny(file.toString());
      return lines;
    } catch (RuntimeException | Error e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Fails if there is no item.
   *
   * @param name of what is read
   */
  void requireAny(String name) {
    if (!hasNext()) {
      throw new FileException(name + ": holds no line of text, expected at least one");
    }
  }

  /**
   * Reads a stream.
   *
   * @param name stands for a file in messages
   * @param form as of a file
   */
  static ItemLines of(String name, InputStream stream, Form form) {
    return new ItemLines(new LineReader(name, stream, LINE_CHARACTERS), form);
  }

  /**
   * Whether there is another item.
   *
   * @throws FileException if it cannot be read or a line is of another form; the message names file
   *     and line
   * @throws TextException if it is no text
   */
  @Override
  public boolean hasNext() {
    String line;
    while (items.isEmpty() && (line = lines.next()) != null) {
      if (line.isBlank()) {
        blankLines++;
      } else {
        read(line);
      }
    }
    return !items.isEmpty();
  }

  @Override
  public Item next() {
    if (!hasNext()) {
      throw new NoSuchElementException("there is no item after the last");
    }
    return items.remove();
  }

  private void read(String line) {
    if (form == null) {
      form = line.contains(BARS) ? Form.NAMES : line.contains(TAB) ? Form.TAB : Form.TEXT;
    }
    switch (form) {
      case TEXT -> items.add(new Item(Long.toString(lines.lines()), line));
      case NAMES -> {
        String[] parts = parts(line, BARS);
        for (String name : parts[1].split("\\|", -1)) {
          if (name.isBlank()) {
            emptyNames++;
          } else {
            items.add(new Item(parts[0], name.strip()));
          }
        }
      }
      case TAB -> {
        String[] parts = parts(line, TAB);
        items.add(new Item(parts[0], parts[1]));
      }
    }
  }

  private String[] parts(String line, String separator) {
    int middle = line.indexOf(separator);
    if (middle < 0 || line.indexOf(separator, middle + separator.length()) >= 0) {
      throw wrong(line);
    }
    return new String[] {
      requireText(line.substring(0, middle), line),
      requireText(line.substring(middle + separator.length()), line)
    };
  }

  private String requireText(String part, String line) {
    if (part.isBlank()) {
      throw wrong(line);
    }
    return part.strip();
  }

  private FileException wrong(String line) {
    return new FileException(
        "%s: %s, expected an identifier, %s and a text, as '--lines %s' has them; '--lines text' takes lines as they are"
            .formatted(
                lines.place(),
                FileException.quote(line),
                form == Form.NAMES ? BARS : "a tab",
                JsonRecords.label(form)));
  }

  /**
   * What the lines are taken for.
   *
   * @return null before the first of them
   */
  public Form form() {
    return form;
  }

  /** What of the lines is not as it was, or passed over: one a line, for people. */
  List<String> remarks() {
    List<String> remarks = new ArrayList<>(lines.notices());
    if (blankLines > 0) {
      remarks.add("%,d blank lines are passed over".formatted(blankLines));
    }
    if (emptyNames > 0) {
      remarks.add("%,d empty names are left out".formatted(emptyNames));
    }
    remarks.addAll(lines.losses());
    return remarks;
  }

  /** Closes the file. */
  @Override
  public void close() {
    lines.close();
  }
}
