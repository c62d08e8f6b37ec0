package org.mirror4j.lucene;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.mirror4j.cli.Console;
import org.mirror4j.cli.OutputOptions;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code search}: the items of an index that are the nearest to texts. */
@Command(
    name = "search",
    sortOptions = false,
    customSynopsis = {
      Main.NAME + " search --index DIR --model DIR TEXT... [OPTION...]",
      "       " + Main.NAME + " search --index DIR --model DIR --queries FILE [OPTION...]"
    },
    description = "Finds the items of an index whose vectors are the nearest to a text's.")
final class SearchCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(
      paramLabel = "TEXT",
      arity = "0..*",
      description = "Texts whose nearest items are shown.")
  private List<String> asked = new ArrayList<>();

  @Option(
      names = "--queries",
      paramLabel = "FILE",
      description = "Text whose lines' nearest items are shown.")
  private Path queries;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "10",
      description = "Items that are shown of each text. Default: ${DEFAULT-VALUE}.")
  private int top;

  @Mixin private IndexOptions indexOptions;
  @Mixin private ModelOptions modelOptions;
  @Mixin private OutputOptions output;

  @Override
  public void run() {
    Console console = output.console();
    if (asked.isEmpty() == (queries == null)) {
      throw wrong(
          asked.isEmpty()
              ? "nothing is asked, expected texts or --queries FILE"
              : "texts and --queries are both given, expected one of them");
    }
    if (top < 1) {
      throw wrong("--top is %d, expected at least 1".formatted(top));
    }
    if (queries == null) {
      search(console, asked.iterator());
      return;
    }
    try (ItemLines lines = ItemLines.openTexts(queries)) {
      search(console, texts(lines));
      lines.remarks().forEach(console::notice);
    }
  }

  private void search(Console console, Iterator<String> texts) {
    try (IndexModel model = modelOptions.load(console);
        TextIndex index = indexOptions.open(model)) {
      index.search(texts, top, found -> show(console, found));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(command.commandLine(), message);
  }

  /** The texts of items. */
  static Iterator<String> texts(Iterator<Item> items) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return items.hasNext();
      }

      @Override
      public String next() {
        return items.next().text();
      }
    };
  }

  private void show(Console console, Found found) {
    ObjectNode json = JsonFiles.object().put("text", found.query());
    ArrayNode neighbours = json.putArray("neighbours");
    StringBuilder lines = new StringBuilder(FileException.clean(found.query()));
    for (Hit hit : found.hits()) {
      Item item = hit.item();
      neighbours
          .addObject()
          .put("id", item.id())
          .put("text", item.text())
          .put("score", hit.score());
      lines.append(
          String.format(
              Locale.ROOT,
              "%n%9.4f  %-12s  %s",
              hit.score(),
              FileException.clean(item.id()),
              FileException.clean(item.text())));
    }
    console.result("neighbours", json, lines.toString());
  }
}
