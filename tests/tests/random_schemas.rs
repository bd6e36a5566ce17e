//! Random schemas and random values: generated code against the model. `IPC_RANDOM_SEED` draws others.
//!
//! That rustc lays every struct out as the model does is asserted inside the generated code, so it holds once this
//! compiles.

include!(concat!(env!("OUT_DIR"), "/random.rs"));

#[test]
fn generated_code_agrees_with_the_model_on_random_schemas() {
    println!("IPC_RANDOM_SEED={SEED} draws these schemas again");
    check_all();
}
