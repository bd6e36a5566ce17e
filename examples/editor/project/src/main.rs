//! The ball that the engine simulates. Change it, then `:EngineBuild` and `:EngineRefresh`.

mod worlds;

fn main() {
    let height = 2.0;
    let gravity = worlds::EARTH;
    let bounce = 0.8;
    // The engine checks this line against its class `Ball`.
    println!(r#"{{ "height": {height}, "gravity": {gravity}, "bounce": {bounce} }}"#);
}
