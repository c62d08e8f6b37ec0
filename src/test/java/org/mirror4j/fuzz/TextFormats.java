package org.mirror4j.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.mirror4j.dataset.DataImport;
import org.mirror4j.eval.ScoredPairs;
import org.mirror4j.eval.Tasks;
import org.mirror4j.file.FileException;
import org.mirror4j.task.coreference.CoreferenceScorer;
import org.mirror4j.text.Corpus;
import org.mirror4j.text.FrequentWords;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.TextException;

/**
 * Corpora, plain and packed, scored pairs, mentions with their dictionary, data sets as published,
 * and documents with chains.
 */
final class TextFormats {
  private static final Set<Class<? extends Exception>> REFUSALS =
      Set.of(TextException.class, FileException.class, IllegalArgumentException.class);

  private static final String CORPUS =
      """
      aspirin
      acetylsalicylic acid||aspirin

      The quick brown fox jumps over the lazy dog.
      caf\u00e9 \u4e2d\u6587 \ud83d\ude00
      heart attack||myocardial infarction
      """;

  private static final List<Mutator> TEXT =
      List.of(new TextMutator("||", "\t", ",", "\"", "\ufeff"), ByteMutator.PLAIN);

  private TextFormats() {}

  static List<FuzzTarget> all() {
    return List.of(
        new ReaderTarget(
            "corpus",
            () -> List.of(FuzzInput.of("corpus.txt", CORPUS)),
            file -> TEXT,
            ReaderTarget.ofFiles(directory -> readCorpus(directory.resolve("corpus.txt"))),
            REFUSALS,
            false),
        new ReaderTarget(
            "corpus-gzip",
            () -> List.of(FuzzInput.of("corpus.gz", gzip(CORPUS))),
            file -> List.of(ByteMutator.PLAIN),
            ReaderTarget.ofFiles(directory -> readCorpus(directory.resolve("corpus.gz"))),
            REFUSALS,
            false),
        new ReaderTarget(
            "pairs",
            TextFormats::pairs,
            file -> TEXT,
            ReaderTarget.ofFiles(
                directory -> ScoredPairs.read(directory.resolve("pairs.txt"), notice -> {})),
            REFUSALS,
            false),
        new ReaderTarget(
            "mentions",
            TextFormats::mentions,
            file -> TEXT,
            ReaderTarget.ofFiles(
                directory ->
                    new Tasks(null)
                        .resolve(
                            "linking:%s:%s"
                                .formatted(
                                    directory.resolve("mentions.txt"),
                                    directory.resolve("names.txt")))
                        .tasks()
                        .getFirst()
                        .read(notice -> {})),
            REFUSALS,
            false),
        new ReaderTarget(
            "data-sets",
            TextFormats::dataSets,
            file -> TEXT,
            ReaderTarget.ofFiles(directory -> DataImport.read(List.of(directory), notice -> {})),
            REFUSALS,
            false),
        new ReaderTarget(
            "coreference",
            TextFormats::coreference,
            file -> List.of(new TextMutator("(0", "0)", "(1)", "|", "-"), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(
                directory ->
                    CoreferenceScorer.score(
                        directory.resolve("gold.conll"),
                        directory.resolve("predictions.conll"),
                        notice -> {})),
            REFUSALS,
            false));
  }

  private static List<FuzzInput> mentions() {
    FuzzInput names =
        FuzzInput.of("names.txt", "D1|2||Breast Cancer, Familial|BC\nMESH:D3||ovarian cancer\n");
    return List.of(
        names.with(
            "mentions.txt",
            """
            7|t|Breast cancer (BC) and [OC].
            7|a|The ovarian cancer (OC; 3) of BC/OC.
            7\t0\t2\tbreast and ovarian cancer\tX\tD1|OMIM:2
            7\t0\t2\tcancer of the breast and ovary\tX\tD1+D3
            7\t0\t2\tBC/OC\tX\tD1|D3\tBC|OC
            7\tCID\tD1\tD3
            """),
        names.with("mentions.txt", "D1|D3||a|b\n7||0|1||X||oc||-1\n"));
  }

  private static List<FuzzInput> dataSets() {
    return List.of(
        FuzzInput.of("2012.test.tsv", "4.5\tA man sleeps.\tA man is asleep.\n\tOne.\tTwo.\n"),
        FuzzInput.of("sts-b-test.txt", "main\tf\t2012\t1\t4.5\tA b\tC d\tsource\n"),
        FuzzInput.of(
            "SICK.txt",
            "sentence_A\tsentence_B\tentailment_label\trelatedness_score\tSemEval_set\n"
                + "A b\tC\tNEUTRAL\t4.5\tTRAIN\nD\tE\tNEUTRAL\t1\tTEST\nF\tG\tX\t2\tTRIAL\n"),
        FuzzInput.of("stsb-ru-test.csv", "\"a, b\",c,0.5\n\"d \"\"e\"\"\",f,1\n"),
        FuzzInput.of("translation.csv", "ID,ENG 1,ENG 2,FRA 1,FRA 2\n1,arm,leg,bras,\"a, b\"\n")
            .with("scores.csv", "ID,ENG,FRA\n1,0.5,1\n"),
        FuzzInput.of("STS.input.track1.ar-ar.txt", "A b\tC\nD\tE\n")
            .with("STS.gs.track1.ar-ar.txt", "1.5\n\n"),
        FuzzInput.of("yacle.test.freq.2k.en-fr.tsv", "of\tde\nto\t\u00e0\n"));
  }

  private static List<FuzzInput> coreference() {
    String document =
        """
        #begin document (nw/a); part 000
        nw/a 0 0 Ann NNP (TOP* - - - Ann * (ARG0*) (0)
        nw/a 0 1 her PRP * - - - - * * (1|(0)
        nw/a 0 2 dog NN *) - - - - * * 1)

        nw/a 0 0 It PRP * - - - - * (1)
        #end document
        #begin document (b);
        b (7
        b (7)|7)
        #end document
        """;
    return List.of(
        FuzzInput.of("gold.conll", document).with("predictions.conll", document),
        FuzzInput.of("gold.conll", document)
            .with("predictions.conll", document.replace("(1)", "(0)(2)").replace("7", "5")));
  }

  private static List<FuzzInput> pairs() {
    return List.of(
        FuzzInput.of("pairs.txt", "word1\tword2\tscore\ncup\tmug\t3.5\ncar\ttree\t0.25\na\tb\t\n"),
        FuzzInput.of("pairs.txt", "4.5\tA man sleeps.\tA man is asleep.\n0\tOne.\tTwo.\n"),
        FuzzInput.of("pairs.txt", "old new 1.58\nsmart intelligent 9.2\nhard easy 0.95\n"),
        FuzzInput.of(
            "pairs.txt",
            "pair_ID\tsentence_A\tsentence_B\trelatedness_score\n"
                + "1\tA b c\tB c d\t4.5\n"
                + "2\tX y\tZ\t1\n"),
        FuzzInput.of("pairs.txt", "text,other,score\n\"a, b\",c,0.5\n\"d \"\"e\"\"\",f,1\n"));
  }

  private static void readCorpus(Path file) {
    try (LineReader lines = new LineReader(List.of(file), 1000);
        FrequentWords counts = new FrequentWords(true)) {
      counts.addAll(lines);
      counts.mostFrequent(5);
    }
    Corpus.read(file, Corpus.Options.DEFAULT);
    Corpus.read(file, new Corpus.Options(true, false, 10_000));
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(text.repeat(20).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
