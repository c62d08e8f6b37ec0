package org.mirror4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Map;
import java.util.SortedMap;
import org.mirror4j.device.Device;
import org.mirror4j.device.Versions;
import org.mirror4j.file.JsonFiles;

/**
 * What a command says: to people as text, results on standard output and all else on standard
 * error; to programs as JSON objects on standard output, each with its kind in {@code event}.
 */
public final class Console {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int WIDTH = 100;

  private final PrintWriter out;
  private final PrintWriter err;
  private final boolean json;

  /**
   * @param json whether programs are spoken to
   */
  Console(PrintWriter out, PrintWriter err, boolean json) {
    this.out = out;
    this.err = err;
    this.json = json;
  }

  /** One that leaves standard output to something else: text for people, all on standard error. */
  Console aside() {
    return new Console(err, err, false);
  }

  /** Whether programs are spoken to. */
  public boolean json() {
    return json;
  }

  /** Where text for people goes that is no result. */
  PrintWriter err() {
    return err;
  }

  /** Says something worth knowing. */
  public void notice(String message) {
    message("notice", "", message);
  }

  /** Says something that may want changing. */
  void warning(String message) {
    message("warning", "warning: ", message);
  }

  private void message(String event, String prefix, String message) {
    if (json) {
      event(event, JsonFiles.object().put("message", message));
    } else {
      err.println(prefix + Failures.oneLine(message));
    }
  }

  /** Says what runs: versions and device. */
  void environment(Device device, String choice) {
    SortedMap<String, String> versions = Versions.of(device);
    if (json) {
      ObjectNode fields = JsonFiles.object();
      versions.forEach(fields::put);
      fields.put("deviceName", device.name());
      fields.put("deviceChoice", choice);
      event("environment", fields);
    } else {
      err.println("mirror4j " + versions.get("mirror4j") + ", Java " + versions.get("java"));
      err.println("device " + choice + ": " + versions.get("device"));
    }
  }

  /** Says all settings as they were resolved. */
  void settings(ObjectNode settings) {
    if (json) {
      event("settings", settings);
      return;
    }
    StringBuilder line = new StringBuilder("settings:");
    for (Map.Entry<String, JsonNode> field : settings.properties()) {
      String item = " " + field.getKey() + "=" + Failures.oneLine(text(field.getValue()));
      if (line.length() + item.length() > WIDTH && !line.isEmpty()) {
        err.println(line);
        line.setLength(0);
        line.append(' ');
      }
      line.append(item);
    }
    err.println(line);
  }

  /** In quotes, with escapes, where its ends or what it holds would not be seen. */
  private static String text(JsonNode value) {
    String text = value.textValue();
    if (text != null && !text.isEmpty() && text.chars().noneMatch(Console::unseen)) {
      return text;
    }
    StringBuilder quoted = new StringBuilder();
    for (char c : value.toString().toCharArray()) {
      quoted.append(c == ' ' || !unseen(c) ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    return quoted.toString();
  }

  private static boolean unseen(int c) {
    return Character.isWhitespace(c)
        || Character.isSpaceChar(c)
        || Character.isISOControl(c)
        || Character.getType(c) == Character.FORMAT;
  }

  /** Says a result. */
  public void result(String event, ObjectNode fields, String text) {
    if (json) {
      event(event, fields);
    } else {
      String printable = PrintableWriter.printable(text);
      out.print(printable.endsWith("\n") ? printable : printable + System.lineSeparator());
      out.flush();
    }
  }

  /** Tells programs something; people are not told. */
  public void event(String event, ObjectNode fields) {
    if (!json) {
      return;
    }
    try {
      // JSON escapes the control characters of ASCII alone; ours are the same inside a string.
      out.println(
          PrintableWriter.printable(
              JSON.writeValueAsString(JsonFiles.object().put("event", event).setAll(fields))));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree cannot be written", e);
    }
  }
}
