package org.mirror4j.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.file.OutputPath;
import org.mirror4j.text.FrequentWords;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code frequent-words}: a corpus for the word recipe. */
@Command(
    name = "frequent-words",
    sortOptions = false,
    customSynopsis = "mirror4j frequent-words --corpus FILE... --output FILE [OPTION...]",
    description = {
      "Writes the most frequent words of a text, most frequent first, one a line, in lower case"
          + " and without accents, as BERT's uncased models read them: a corpus for 'train --recipe"
          + " word'. A word has two letters at least, so Chinese characters are none.",
      "Words are counted exactly, in memory that does not grow with the text; what is counted is"
          + " kept in temporary files meanwhile where the text has many different words."
    })
final class FrequentWordsCommand implements Runnable {
  private static final int LINE_CHARACTERS = 100_000;

  @Spec private CommandSpec command;

  @Option(
      names = "--corpus",
      paramLabel = "FILE",
      arity = "1..*",
      required = true,
      description = "Raw text; UTF-8, perhaps gzipped.")
  private List<Path> corpus;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Words to write. Default: ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      required = true,
      description = "File to write; replaced where it is there.")
  private Path file;

  @Mixin private OutputOptions output;

  @Override
  public void run() {
    if (count < 1) {
      throw new ParameterException(
          command.commandLine(), "--count is " + count + ", expected at least 1");
    }
    OutputPath.requireApart(file, corpus);
    Console console = output.console();
    List<String> words;
    try (LineReader lines = new LineReader(corpus, LINE_CHARACTERS);
        FrequentWords counts = new FrequentWords(true)) {
      counts.addAll(lines);
      TextInput.warn(console, lines);
      FrequentWords.Found found = counts.mostFrequent(count);
      console.notice("%,d lines, %,d distinct words".formatted(lines.lines(), found.distinct()));
      words = found.words();
    }
    if (words.isEmpty()) {
      throw new TextException(
          "%s: no word of two letters or more, expected prose"
              .formatted(corpus.size() == 1 ? corpus.getFirst() : corpus));
    }
    if (words.size() < count) {
      console.warning("the text has only %,d words of letters".formatted(words.size()));
    }
    AtomicFiles.writeFile(file, (String.join("\n", words) + "\n").getBytes(StandardCharsets.UTF_8));
    console.result(
        "finished",
        JsonFiles.object().put("output", file.toString()).put("words", words.size()),
        "%,d words written to %s".formatted(words.size(), file));
  }
}
