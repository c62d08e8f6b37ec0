package org.mirror4j.experiment;

import java.util.List;
import org.mirror4j.eval.Measurement;
import org.mirror4j.eval.ModelEncoder;
import org.mirror4j.train.TrainingListener;

/** Hears how tables are done again. All methods are called by the thread that does it. */
public interface ReproductionListener extends ModelEncoder.Listener {
  /** Of its models nothing: what is another than a model's own is so on purpose. */
  @Override
  default void warning(String message) {}

  /**
   * What is to be done.
   *
   * @param pretrainings models that are to be pretrained
   * @param tunings models that are to be tuned
   * @param fineTunings models that are to be fine-tuned for a task
   * @param evaluations models that are to be measured on something
   * @param known measurements of tasks that were made before
   * @param seconds at least, for all of it
   */
  record Plan(
      int pretrainings, int tunings, int fineTunings, int evaluations, int known, double seconds) {}

  /**
   * What is to be done, before the first of it.
   *
   * @param tables that are done, still empty; any thread may read them while they grow
   */
  void planned(List<ReproducedTable> tables, Plan plan);

  /**
   * A model is next.
   *
   * @param table name
   * @param variant label, with the seed where there is one
   * @param number of the model, counted from 1
   * @param of models of all tables
   * @param secondsLeft for this one and those after it
   */
  void model(String table, String variant, int number, int of, double secondsLeft);

  /** Hears the training of the model, and before it that of what it starts from. */
  TrainingListener training();

  /** A task of the model is next. */
  void task(String task);

  /** Something of the model is known. */
  void measured(Measurement measurement);

  /**
   * A score of a fine-tuned model is known.
   *
   * @param value x 100, NaN where it is not defined
   */
  void scored(String set, String measure, double value);
}
