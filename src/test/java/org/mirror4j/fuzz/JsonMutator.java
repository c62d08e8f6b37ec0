package org.mirror4j.fuzz;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Puts another value in the place of one in a JSON tree, repeats or drops it, or renames it. */
final class JsonMutator implements Mutator {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "1",
          "0.5",
          "-0.0",
          "1e999",
          "1e-999",
          "1e308",
          "2147483647",
          "2147483648",
          "-2147483649",
          "9007199254740993",
          "9223372036854775807",
          "9223372036854775808",
          "9".repeat(400),
          "NaN",
          "\"\"",
          "\"x\"",
          "\"" + "x".repeat(5000) + "\"",
          "\"\\u0000\\u001b[31m\\u202e\\n\"",
          "\"\\ud800\"",
          "\"/etc/passwd\"",
          "\"../../secret\"",
          "{}",
          "[]",
          "[null]",
          "[[[]]]",
          "[".repeat(60) + "]".repeat(60),
          "[".repeat(3000) + "]".repeat(3000),
          "{\"a\":".repeat(500) + "1" + "}".repeat(500),
          "[" + "0,".repeat(3000) + "0]");

  private static final List<String> KEYS =
      List.of("", "a", "x".repeat(3000), "\u0000\u001b[31m\u202e", "__proto__", "null");

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    JsonNode tree;
    try {
      tree = JSON.readTree(content);
    } catch (IOException | RuntimeException | StackOverflowError e) {
      return ByteMutator.PLAIN.mutate(content, other, random);
    }
    int nodes = count(tree);
    Writing writing = new Writing(random.nextInt(nodes), random);
    writing.write(tree);
    return writing.text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static int count(JsonNode node) {
    int count = 1;
    for (JsonNode child : node) {
      count += count(child);
    }
    return count;
  }

  /** Writes a tree with one node changed. */
  private static final class Writing {
    private final StringBuilder text = new StringBuilder();
    private final SplittableRandom random;

    /** Nodes until the one that is changed. */
    private int left;

    Writing(int left, SplittableRandom random) {
      this.left = left;
      this.random = random;
    }

    void write(JsonNode node) {
      if (left-- == 0) {
        text.append(
            node.isNumber() && random.nextBoolean()
                ? Long.toString(ByteMutator.number(random))
                : VALUES.get(random.nextInt(VALUES.size())));
      } else if (node.isObject()) {
        writeObject(node);
      } else if (node.isArray()) {
        writeArray(node);
      } else {
        text.append(node);
      }
    }

    private void writeObject(JsonNode node) {
      text.append('{');
      Iterator<Map.Entry<String, JsonNode>> fields = node.properties().iterator();
      boolean first = true;
      while (fields.hasNext()) {
        Map.Entry<String, JsonNode> field = fields.next();
        String key = field.getKey();
        int times = 1;
        if (left == 0) {
          // Half of the changes of a field are to its name and how often it is there.
          switch (random.nextInt(6)) {
            case 0 -> times = 0;
            case 1 -> times = 2;
            case 2 -> key = KEYS.get(random.nextInt(KEYS.size()));
            default -> {}
          }
          if (times != 1 || !key.equals(field.getKey())) {
            left = -1;
          }
        }
        for (int i = 0; i < times; i++) {
          text.append(first ? "" : ",").append(TextNode.valueOf(key)).append(':');
          first = false;
          write(field.getValue());
        }
      }
      text.append('}');
    }

    private void writeArray(JsonNode node) {
      text.append('[');
      boolean first = true;
      for (JsonNode child : node) {
        int times = left == 0 ? random.nextInt(3) : 1;
        left = times == 1 ? left : -1;
        for (int i = 0; i < times; i++) {
          text.append(first ? "" : ",");
          first = false;
          write(child);
        }
      }
      text.append(']');
    }
  }
}
