package org.mirror4j.fuzz;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.mirror4j.file.FileException;
import org.mirror4j.task.ScoredFiles;
import org.mirror4j.task.Scorer;
import org.mirror4j.task.answer.AnswerScorer;
import org.mirror4j.task.answer.Squad2Scorer;
import org.mirror4j.task.classification.GlueScorer;
import org.mirror4j.task.classification.GlueTask;
import org.mirror4j.task.classification.TableScorer;
import org.mirror4j.task.relation.SemEvalScorer;
import org.mirror4j.task.relation.TacredScorer;
import org.mirror4j.task.tagging.TaggingScorer;
import org.mirror4j.text.TextException;

/** Annotations of tasks and predictions, which every scorer reads. */
final class TaskFormats {
  private static final Set<Class<? extends Exception>> REFUSALS =
      Set.of(TextException.class, FileException.class);

  private static final String GOLD = "gold", PREDICTIONS = "predictions", NUMBERS = "numbers";

  private static final String SQUAD =
      """
      {"version":"1.1","data":[{"title":"t","paragraphs":[{"context":"\ud83d\ude00 The old cat.","qas":[
      {"id":"1","question":"Who?","answers":[{"text":"old cat","answer_start":6}],"is_impossible":false},
      {"id":"2","question":"What?","answers":[{"text":"cat","answer_start":10},{"text":"The","answer_start":2}]}]}]}]}
      """;

  private static final String SQUAD_2 =
      SQUAD.replace(
          "[{\"text\":\"cat\",\"answer_start\":10},{\"text\":\"The\",\"answer_start\":2}]", "[]");

  private static final String ANSWERS = "{\"1\":\"The cat\",\"2\":\"\"}";

  private static final String MRQA =
      """
      {"header":{"dataset":"d","split":"dev"}}
      {"context":"The old cat.","qas":[{"qid":"1","question":"Who?","answers":["cat"],"detected_answers":[{"text":"Old Cat","char_spans":[[4,10]]}]}]}
      {"context":"On mats.","qas":[{"qid":"2","question":"Where?","answers":["rugs"],"detected_answers":[]}]}
      """;

  private static final String TACRED =
      """
      [{"id":"a","token":["Ann",",","9"],"subj_start":0,"subj_end":0,"obj_start":2,"obj_end":2,"subj_type":"P","obj_type":"N","relation":"per:age"},
      {"id":"b","token":["Ann"],"subj_start":0,"subj_end":0,"obj_start":0,"obj_end":0,"subj_type":"P","obj_type":"N","relation":"no_relation"}]
      """;

  private static final String SEMEVAL =
      """
      1\t"The <e1>cat</e1> sat on <e2>mats</e2>."
      Entity-Origin(e2,e1)
      Comment: none

      2\t"<e1>One</e1> of <e2>two</e2>."
      Other
      Comment:

      """;

  private static final List<Mutator> JSON =
      List.of(new JsonMutator(), new JsonMutator(), new TextMutator(), ByteMutator.PLAIN);

  private static final List<Mutator> TEXT =
      List.of(
          new TextMutator("\t", "\n\n", "Other", "no_relation", "<e1>", "B-", "O", "index"),
          ByteMutator.PLAIN);

  private TaskFormats() {}

  /** Of GLUE's tasks two, as the others differ in names of columns alone. */
  static List<FuzzTarget> all() {
    return List.of(
        target(AnswerScorer.squad(), JSON, input(SQUAD, ANSWERS)),
        target(
            new Squad2Scorer(),
            JSON,
            input(SQUAD_2, ANSWERS).with(NUMBERS, "{\"2\":0.5,\"1\":-1.5e0}")),
        target(AnswerScorer.mrqa(), TEXT, input(MRQA, ANSWERS)),
        target(
            new GlueScorer(GlueTask.COLA),
            TEXT,
            input("g\t1\t\tA b.\ng\t0\t*\tC.\n", "index\tprediction\n0\t1\n1\t1\n")),
        target(
            new GlueScorer(GlueTask.STS_B),
            TEXT,
            input(
                "index\tsentence1\tsentence2\tscore\n7\tA.\tB.\t4.5\n9\tC.\tD.\t1\n",
                "index\tprediction\n9\t1e0\n7\t3\n"),
            input(
                "m\tf\ty\t1\t4.5\tA.\tB.\nm\tf\ty\t1\t1\tC.\tD.\tx\n",
                "index\tprediction\n0\t1\n1\t3\n")),
        target(
            TableScorer.all().getFirst().with("l"),
            TEXT,
            input("t,l\n\"A, \"\"b\"\"\nc\",x\nD,y\n", "index\tprediction\n0\tx\n1\tx\n"),
            input("l\tt\nx\tA\ny\t\"B\n", "index\tprediction\n1\ty\n0\tz\n")),
        target(
            TableScorer.all().getLast().with("l"),
            TEXT,
            input("t,l\nA,-1.5\nB,2\n", "index\tprediction\n0\t1\n1\t3\n")),
        target(
            new TacredScorer(),
            TEXT,
            input(TACRED, "per:age\nno_relation\n"),
            input("per:age\nno_relation\n", "no_relation\nper:age\n")),
        target(
            new SemEvalScorer(),
            TEXT,
            input(SEMEVAL, "2\tOther\n1\tEntity-Origin(e1,e2)\n"),
            input("1\tOther\n2\tEntity-Origin(e2,e1)\n", "2\tOther\n")),
        target(
            new TaggingScorer(),
            TEXT,
            input("Ann NNP B-PER\nof IN O\n\nNew\tI-LOC\n", "Ann B-PER\nof O\n\nNew O\n"),
            input("Ann S-PER\nof O\n", "E-X-Y\nB\n")));
  }

  private static FuzzInput input(String gold, String predictions) {
    return FuzzInput.of(GOLD, gold).with(PREDICTIONS, predictions);
  }

  private static FuzzTarget target(Scorer scorer, List<Mutator> mutators, FuzzInput... seeds) {
    return new ReaderTarget(
        "task-" + scorer.name(),
        () -> List.of(seeds),
        file -> mutators,
        ReaderTarget.ofFiles(directory -> score(scorer, directory)),
        REFUSALS,
        false);
  }

  private static void score(Scorer scorer, Path directory) {
    scorer.score(
        new ScoredFiles(
            directory.resolve(GOLD),
            directory.resolve(PREDICTIONS),
            scorer.takesNoAnswer()
                ? Optional.of(new ScoredFiles.NoAnswer(directory.resolve(NUMBERS), 1))
                : Optional.empty()),
        notice -> {});
  }
}
