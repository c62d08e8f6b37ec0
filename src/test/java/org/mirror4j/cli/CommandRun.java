package org.mirror4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A command that was run inside the test. */
record CommandRun(int exit, String out, String err) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static CommandRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] strings = Arrays.stream(arguments).map(Object::toString).toArray(String[]::new);
    int exit = Main.run(new PrintWriter(out), new PrintWriter(err), strings);
    return new CommandRun(exit, out.toString(), err.toString());
  }

  /** As {@link #of}; fails where the command does. */
  static CommandRun done(Object... arguments) {
    CommandRun run = of(arguments);
    if (run.exit != 0) {
      throw new AssertionError("exit " + run.exit + ": " + run.err);
    }
    return run;
  }

  /** {@code train} that succeeds. */
  static CommandRun train(Object model, Path corpus, Path output, Object... more) {
    return done("train", List.of("--model", model, "--corpus", corpus, "--output", output), more);
  }

  /** {@code embed} that succeeds. */
  static CommandRun embed(Object model, Object input, Object output, Object... more) {
    return done("embed", List.of("--model", model, "--input", input, "--output", output), more);
  }

  private static CommandRun done(String command, List<Object> first, Object[] more) {
    List<Object> all = new ArrayList<>(List.of(command));
    all.addAll(first);
    all.addAll(Arrays.asList(more));
    return done(all.toArray());
  }

  /** Writes a small model of random weights. */
  static Path model(Path directory) {
    done("init", "--config", "tiny", "--vocab-size", 300, "--output", directory);
    return directory;
  }

  /** Standard output as JSON objects, one a line. */
  List<JsonNode> objects() {
    return out.lines().map(CommandRun::parse).toList();
  }

  private static JsonNode parse(String line) {
    try {
      return JSON.readTree(line);
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON: " + line, e);
    }
  }

  /** The objects of a kind. */
  List<JsonNode> events(String event) {
    return objects().stream().filter(o -> o.path("event").asText().equals(event)).toList();
  }

  /** The one object of a kind. */
  JsonNode event(String event) {
    List<JsonNode> found = events(event);
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " events " + event + " in " + out);
    }
    return found.getFirst();
  }
}
