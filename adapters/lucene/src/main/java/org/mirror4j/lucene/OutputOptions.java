package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How a command speaks. */
final class OutputOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--json",
      description = "One JSON object a line on standard output and nothing else there.")
  private boolean json;

  /** Read by mirror4j's own program from the arguments. */
  @Option(names = "--verbose", description = "Show the stack of a failure.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help and leave.")
  private boolean help;

  /** Whether programs are spoken to. */
  boolean json() {
    return json;
  }

  /** Says something worth knowing. */
  void notice(String message) {
    if (json) {
      event("notice", JsonFiles.object().put("message", message));
    } else {
      command.commandLine().getErr().println(message);
    }
  }

  /** Says a result. */
  void result(String event, ObjectNode fields, String text) {
    if (json) {
      event(event, fields);
    } else {
      print(text);
    }
  }

  /** Tells programs something. */
  void event(String event, ObjectNode fields) {
    ObjectNode said = JsonFiles.object().put("event", event).setAll(fields);
    print(new String(JsonFiles.compactBytes(said), StandardCharsets.UTF_8));
  }

  private void print(String line) {
    PrintWriter out = command.commandLine().getOut();
    out.println(line);
    if (out.checkError()) {
      throw new FileException("standard output cannot be written");
    }
  }
}
